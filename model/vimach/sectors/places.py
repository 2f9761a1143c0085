"""The map of the model: every place where a person, a firm, a laboratory or a dong can be, and those outside it."""

from vimach.structure import Chain, Cohorts, Dimension, Memory, Outside, Shadow, Stock, Tally

REGION = Dimension("region", ("north", "central", "south"))
PROGRAMME = Dimension("programme", ("dedicated", "specialisation", "relabelled", "related"))
DOOR = Dimension("door", ("dedicated", "related", "conversion"))
TRACK = Dimension("track", ("design", "atp", "fab"))
EXPERIENCE = Dimension("experience", ("novice", "independent", "senior", "lead"))
TENURE = Dimension("tenure", ("first_year", "second_year", "two_years_or_more"))
FIRM_KIND = Dimension("firm_kind", ("foreign_branch", "domestic", "spin_out"))
FIRM_AGE = Dimension("firm_age", ("new", "growing", "mature"))
LABORATORY_KIND = Dimension("laboratory_kind", ("shared", "base"))
HOST = Dimension("host", ("taiwan", "korea", "japan", "united_states", "other"))
SENIORITY = Dimension("seniority", ("independent", "senior"))
_KNOWN_PLANTS = (
    "intel", "onsemi_dong_nai", "onsemi_binh_duong", "hana_micron_1", "hana_micron_2", "amkor", "seventh_plant",
    "signetics", "ct_semiconductor", "vsap", "fpt",
)  # fmt: skip
_FUTURE_PLANTS = (  # slots, enough until 2050
    "future_1", "future_2", "future_3", "future_4", "future_5", "future_6", "future_7", "future_8",
    "future_9", "future_10", "future_11", "future_12", "future_13", "future_14", "future_15", "future_16",
    "future_17", "future_18", "future_19", "future_20", "future_21", "future_22", "future_23", "future_24",
)  # fmt: skip
PLANT = Dimension("plant", (*_KNOWN_PLANTS, *_FUTURE_PLANTS))

FAB_PROJECT = Dimension("fab_project", ("hoa_lac", "second", "third"))
STAGE = Dimension("stage", ("design", "make", "test"))
CHIEF_POST = Dimension("chief_post", ("chief_engineer", "chief_architect"))

# education: study years are promoted each summer; who is not done in time goes on as a late student
bachelor_students = Cohorts(
    "person", PROGRAMME, REGION, years=4, meaning="Students of chip programmes and related majors."
)
dedicated_students, specialisation_students, relabelled_students, related_students = bachelor_students.by(PROGRAMME)
late_students = Stock(
    "person", PROGRAMME, REGION, meaning="Students who did not finish after the last study year and go on."
)
recent_graduates = Stock(
    "person", PROGRAMME, REGION, meaning="Bachelors and masters between their degree and the next step."
)
master_students = Cohorts(
    "person", PROGRAMME, REGION, years=2, meaning="Students for a master's degree in a chip field."
)
doctoral_students = Cohorts("person", REGION, years=4, meaning="Candidates for a doctorate in a chip field.")

# faculty
lecturers = Stock("person", REGION, meaning="Lecturers of chip subjects, not trained in depth.")
trained_lecturers = Stock("person", REGION, meaning="Lecturers of chip subjects, trained in depth.")
laboratories_in_appraisal = Stock(
    "laboratory", LABORATORY_KIND, REGION, meaning="Laboratories planned and not yet approved."
)
laboratories_building = Chain(
    "laboratory",
    LABORATORY_KIND,
    REGION,
    through="laboratory_building_time",
    stages=3,
    starts_empty=True,
    meaning="Laboratories approved, under construction.",
)
laboratories_open = Stock("laboratory", LABORATORY_KIND, REGION, meaning="Laboratories in use.")

# conversion and scholarships
conversion_trainees = Stock("person", REGION, meaning="Trainees in conversion courses.")
intense_students = Cohorts("person", REGION, years=2, starts_empty=True, meaning="Students abroad under INTENSE.")
intense_bonded = Cohorts(
    "person", REGION, years=2, starts_empty=True, meaning="INTENSE graduates working off their bond in Taiwan."
)
intense_free_to_return = Stock(
    "person", REGION, starts_empty=True, meaning="INTENSE graduates after the bond, before they return or settle."
)

# partnerships
centre_trainees = Stock(
    "person", REGION, starts_empty=True, meaning="Adjacent engineers in training at partners' centres."
)

# labour market
job_seekers = Stock("person", REGION, TRACK, DOOR, meaning="Juniors looking for a first chip job in their region.")
dedicated_seekers, related_seekers, conversion_seekers = job_seekers.by(DOOR)
experienced_seekers = Stock(
    "person", REGION, TRACK, meaning="Engineers of adjacent industry and others with experience who look for chip work."
)
juniors_moving = Stock(
    "person", TRACK, DOOR, meaning="Juniors on their way to another region than that of their studies."
)

# workforce
engineers = Stock(
    "person", REGION, TRACK, EXPERIENCE, meaning="Engineers at work in the sector; technicians stand apart."
)
novices, independents, seniors, leads = engineers.by(EXPERIENCE)  # parts are names too
northern_engineers, central_engineers, southern_engineers = engineers.by(REGION)
engineers_by_tenure = Shadow(of=engineers, by=TENURE, through="tenure_step_time")
technicians = Stock("person", REGION, meaning="Technicians at work in plants.")

# diaspora
engineers_abroad = Stock("person", HOST, meaning="Vietnamese chip engineers who work abroad.")
engineers_in_taiwan, engineers_in_korea, engineers_in_japan, engineers_in_united_states, engineers_elsewhere_abroad = (
    engineers_abroad.by(HOST)
)
returned_seekers = Stock(
    "person", REGION, TRACK, SENIORITY, starts_empty=True, meaning="Engineers home from abroad who look for chip work."
)
returned_independents, returned_seniors = returned_seekers.by(SENIORITY)

# firms
design_firms = Stock("firm", REGION, FIRM_KIND, FIRM_AGE, meaning="Design firms at work.")
new_firms, growing_firms, mature_firms = design_firms.by(FIRM_AGE)

# money
programme_funds = Stock("VND", meaning="Money allocated to the chip programme and not yet spent.")
fab_subsidies_paid = Stock("VND", FAB_PROJECT, starts_empty=True, meaning="Support for each fab paid so far.")

# research: knowledge at what it cost, in dong that are never money again
research_underway = Chain(
    "VND", through="research_time", stages=2, meaning="Research begun and not yet finished, at cost."
)
research_knowledge = Stock("VND", meaning="What finished research is worth, at cost, less what is out of date.")
prototypes = Stock("prototype", meaning="Prototypes and patents not yet in use.")

# growth since the end of 2025: an index that follows what it is heading for
activity_since_2025 = Memory(of="activity_ahead", over="activity_reading_time", initial="activity_at_start")

# what people believe: not conserved, follows its source with a delay
perceived_placement = Memory(REGION, of="placement_share", over="perception_time", initial="placement_share_2015")
perceived_fill = Memory(REGION, TRACK, of="fill_share", over="plan_adjustment_time", initial="fill_share_2015")
perceived_senior_fill = Memory(
    REGION, TRACK, of="senior_fill_share", over="plan_adjustment_time", initial="senior_fill_share_2015"
)
pay_of_novices = Memory(REGION, of="novice_pay_wanted", over="pay_adjustment_time", initial="pay_ratio_2015")
pay_of_experienced = Memory(REGION, of="experienced_pay_wanted", over="pay_adjustment_time", initial="pay_ratio_2015")
teaching_while_studying = Memory(
    REGION, of="teaching_adequacy", over="teaching_memory_time", initial="teaching_adequacy_2015"
)
perceived_return_pay = Memory(REGION, of="return_pay_ratio", over="perception_time", initial="pay_ratio_2015")
perceived_senior_posts = Memory(of="senior_posts_ratio", over="perception_time", initial="senior_posts_ratio_2015")
chiefs_settled = Memory(
    CHIEF_POST, of="chief_posts_paid_share", over="chief_settling_time", initial="chiefs_settled_2015"
)

# counts kept since the base date of the counting rule
graduates_counted = Tally(of="graduating", since="counting_base_date")
graduates_counted_by_track = Tally(of="graduating_by_track", since="counting_base_date")
masters_counted = Tally(of="master_finishing", since="counting_base_date")
conversions_counted = Tally(of="completing_net_new", since="counting_base_date")
conversions_counted_by_track = Tally(of="completing_by_track", since="counting_base_date")
centres_counted = Tally(of="completing_at_centres", since="counting_base_date")
start_ups_counted = Tally(of="start_ups_from_research", since="counting_base_date")
intense_counted = Tally(of="intense_graduating", since="counting_base_date")
first_jobs_counted = Tally(of="starting_work", since="counting_base_date")
lecturers_counted = Tally(of="training_lecturers", since="counting_base_date")
master_learners_counted = Tally(of="entering_master", since="counting_base_date")
doctoral_candidates_counted = Tally(of="entering_doctoral", since="counting_base_date")
emigrants_counted = Tally(of="leaving_for_host", since="counting_base_date")
returners_counted = Tally(of="coming_home", since="counting_base_date")
intense_returners_counted = Tally(of="returning_from_intense", since="counting_base_date")

# outside
schools = Outside("upper-secondary leavers")
adjacent_industry = Outside("adjacent engineering work")
other_sectors = Outside("work outside the chip sector")
academia = Outside("universities at large")
vocational_schools = Outside("vocational schools and colleges")
abroad = Outside("work abroad outside chips")
foreign_universities = Outside("universities abroad")
retirement = Outside("retirement")
investors = Outside("founders and parent companies")
closed = Outside("closed")
plans = Outside("plans not yet submitted")
treasury = Outside("the state budget")
suppliers = Outside("those whom the programme pays")
research_funders = Outside("those who pay for research")
workshops = Outside("laboratories and design teams")
in_use = Outside("in use")
obsolete = Outside("out of date")
