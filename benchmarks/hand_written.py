"""The workforce pipeline of tests/validation/data/pipeline.xmile, written by hand in NumPy over members.

What a careful modeller would write without an engine: one array operation an equation, the members along the axis.
"""

from collections.abc import Mapping

import numpy as np

START, YEARS, STEPS_A_YEAR = 2020.0, 30, 16
GAP = np.linspace(0.0, 0.5, 11)
PULL = np.array([0.8, 1.0, 1.18, 1.34, 1.48, 1.6, 1.68, 1.74, 1.77, 1.79, 1.8])


def workforce(given: Mapping[str, np.ndarray]) -> np.ndarray:
    """Trainees, juniors and seniors at the end, by member; `given` holds each constant of the file by name."""
    p = given
    step = 1 / STEPS_A_YEAR
    students = p["base_enrolment"] * p["study_time"]
    stages = [students / 3, students / 3, students / 3]
    pool, trainees = np.full_like(students, 4000.0), np.full_like(students, 3000.0)
    juniors, seniors = np.full_like(students, 25000.0), np.full_like(students, 40000.0)
    faculty = np.full_like(students, 1800.0)
    believed = p["initial_demand"].copy()
    gap = np.maximum(0.0, believed - 68000.0) / believed
    gaps = [gap, gap, gap]
    completions = p["base_enrolment"].copy()
    losses = 25000.0 * p["junior_quit_rate"] + 40000.0 * p["senior_quit_rate"] + 40000.0 / p["senior_career"]
    for number in range(YEARS * STEPS_A_YEAR):
        time = START + number * step
        demand = p["initial_demand"] * np.exp(p["demand_growth"] * (time - START))
        at_work = juniors + seniors + trainees
        missing = np.maximum(0.0, believed - at_work)
        boost = np.where(time >= p["policy_start"], p["policy_size"], 0.0)
        wanted = p["base_enrolment"] * np.interp(gaps[2], GAP, PULL) * (1.0 + boost)
        passing = [stage * 3 / p["study_time"] for stage in stages]
        studying = stages[0] + stages[1] + stages[2]
        room = (faculty * p["students_per_faculty"] - studying) / p["capacity_adjustment_time"] + completions
        enrolment = np.minimum(wanted, np.maximum(0.0, room))
        graduation = passing[2] * p["completion_share"]
        hiring = np.minimum(missing / p["vacancy_fill_time"] + losses, pool / p["job_search_time"])
        trained = trainees / p["training_time"]
        promoted = juniors / p["promotion_time"]
        juniors_leaving = juniors * p["junior_quit_rate"]
        seniors_leaving, retiring = seniors * p["senior_quit_rate"], seniors / p["senior_career"]
        faculty_retiring = faculty / p["faculty_career"]
        faculty_wanted = p["faculty_ratio"] * wanted * p["study_time"]
        teaching = np.maximum(0.0, (faculty_wanted - faculty) / p["faculty_adjustment_time"] + faculty_retiring)
        immigrating = p["immigration_share"] * missing / p["visa_delay"]
        noticed, third = p["perception_time"], p["perception_time"] / 3
        gap = missing / believed
        believed = believed + (demand - believed) / noticed * step
        gaps = [old + (new - old) / third * step for old, new in zip(gaps, [gap, *gaps[:2]], strict=True)]
        completions = completions + (passing[2] - completions) / noticed * step
        losses = losses + (juniors_leaving + seniors_leaving + retiring - losses) / noticed * step
        stages = [stage + (into - out) * step
                  for stage, into, out in zip(stages, [enrolment, *passing[:2]], passing, strict=True)]  # fmt: skip
        pool = pool + (graduation - hiring - pool * p["leak_rate"]) * step
        trainees = trainees + (hiring - trained) * step
        juniors = juniors + (trained - promoted - juniors_leaving) * step
        seniors = seniors + (promoted + immigrating - seniors_leaving - retiring - teaching) * step
        faculty = faculty + (teaching - faculty_retiring) * step
    return np.asarray(juniors + seniors + trainees)
