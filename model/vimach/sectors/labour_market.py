"""Labour market: posts and seekers, four doors, matching, pay, and what applicants come to believe of jobs.

Novices come through three doors (dedicated, related, conversion); engineers with experience through a fourth, lateral
entry. Which side binds before 2028, entry posts or employable juniors, the evidence does not say: a switch holds both.
"""

from vimach.sectors import places
from vimach.sectors.fab import turned_to_fabs
from vimach.sectors.places import DOOR, REGION, SENIORITY, TRACK
from vimach.structure import auxiliary, flow, initial, lookup, maximum, minimum, power, ratio, total
from vimach.units import Curve, People, PeoplePerYear, PerYear, Ratio, Share, Years


@initial(places.job_seekers)
def job_seekers_at_start(job_seekers_2015: People, work_region_share: Share) -> People:
    """Juniors looking for chip work in 2015."""
    return job_seekers_2015 * work_region_share


@initial(places.experienced_seekers)
def experienced_seekers_at_start(experienced_seekers_2015: People, work_region_share: Share) -> People:
    """Engineers with experience looking for chip work in 2015."""
    return experienced_seekers_2015 * work_region_share


@auxiliary
def posts_opened(
    growth_posts_of_design: PeoplePerYear, growth_posts_of_atp: PeoplePerYear, growth_posts_of_fab: PeoplePerYear,
    in_design: Share, in_atp: Share, in_fab: Share, replacement_demand: PeoplePerYear,
) -> PeoplePerYear:  # fmt: skip
    """Posts that firms, plants and fabs want to fill a year: growth and replacement, by region and track."""
    growth = growth_posts_of_design * in_design + growth_posts_of_atp * in_atp + growth_posts_of_fab * in_fab
    return maximum(0, growth + replacement_demand)


@auxiliary
def novice_post_share(
    novice_post_share_if_posts_bind: Share, novice_post_share_if_juniors_bind: Share, juniors_bind: Share
) -> Share:
    """Share of posts open to novices, under the structure that holds."""
    return novice_post_share_if_posts_bind * (1 - juniors_bind) + novice_post_share_if_juniors_bind * juniors_bind


@auxiliary
def posts_for_novices(
    posts_opened: PeoplePerYear, novice_post_share: Share, perceived_senior_fill: Share, team_ratio_effect: Share
) -> PeoplePerYear:
    """Entry posts a year; an unfilled senior post cancels the junior posts of its team."""
    return posts_opened * novice_post_share * (1 - team_ratio_effect * (1 - perceived_senior_fill))


@auxiliary
def posts_for_experienced(posts_opened: PeoplePerYear, novice_post_share: Share) -> PeoplePerYear:
    """Posts a year for engineers who can work alone."""
    return posts_opened * (1 - novice_post_share)


@auxiliary
def vacancies(posts_for_novices: PeoplePerYear, posts_for_experienced: PeoplePerYear, vacancy_time: Years) -> People:
    """Posts open at one time, by region and track."""
    return (posts_for_novices + posts_for_experienced) * vacancy_time


@auxiliary
def junior_reach(job_seekers: People, door_preference: Ratio, junior_search_time: Years) -> PeoplePerYear:
    """Juniors whom firms could hire a year, by door; firms prefer some doors to others."""
    return job_seekers * door_preference / junior_search_time


def matched_share(reach: PeoplePerYear, posts: PeoplePerYear, sharpness: Share) -> Share:
    """Of the people within reach, the share who find a post: (1 + (people / posts)^s)^(-1/s).

    Below one, and below posts / people: matching never exceeds either side, and nears the smaller as s grows.
    """
    return power(1 + power(ratio(reach, posts, 1), sharpness), 0 - 1 / sharpness)


@auxiliary
def novice_hires(
    junior_reach: PeoplePerYear, posts_for_novices: PeoplePerYear, matching_sharpness: Share
) -> PeoplePerYear:
    """First jobs filled a year by region, track and door; never more than posts, nor than juniors within reach."""
    reach = total(junior_reach, DOOR)
    return junior_reach * matched_share(reach, posts_for_novices, matching_sharpness)


@auxiliary
def experienced_reach(
    experienced_seekers: People, returned_seekers: People, experienced_search_time: Years
) -> PeoplePerYear:
    """Engineers with experience whom firms could hire a year: from adjacent industry, and those home from abroad."""
    return (experienced_seekers + total(returned_seekers, SENIORITY)) / experienced_search_time


@auxiliary
def experienced_match_share(
    experienced_reach: PeoplePerYear, posts_for_experienced: PeoplePerYear, matching_sharpness: Share
) -> Share:
    """Of engineers with experience within reach, the share hired; firms do not ask where the experience was gained."""
    return matched_share(experienced_reach, posts_for_experienced, matching_sharpness)


@auxiliary
def lateral_hires(experienced_reach: PeoplePerYear, experienced_match_share: Share) -> PeoplePerYear:
    """Engineers with experience hired from outside the sector, returnees too; moves between firms never count here."""
    return experienced_reach * experienced_match_share


@auxiliary
def posts_region_share(
    posts_for_novices: PeoplePerYear, posts_for_experienced: PeoplePerYear, work_region_share: Share
) -> Share:
    """Where the posts of each track are: where people who move, and engineers of adjacent industry, go."""
    posts = posts_for_novices + posts_for_experienced
    return ratio(posts, total(posts, REGION), work_region_share)


@flow(places.juniors_moving >> places.job_seekers)
def arriving_to_seek(juniors_moving: People, moving_time: Years, posts_region_share: Share) -> PeoplePerYear:
    """Juniors who look for work in another region than the one they studied in: they go where posts are."""
    return juniors_moving / moving_time * posts_region_share


@initial(places.juniors_moving)
def juniors_moving_at_start(juniors_moving_2015: People) -> People:
    """Juniors between two regions at the start: none."""
    return juniors_moving_2015


@flow(places.job_seekers >> places.other_sectors)
def giving_up(job_seekers: People, search_time: Years) -> PeoplePerYear:
    """Juniors who take other work."""
    return job_seekers / search_time


@flow(places.adjacent_industry >> places.experienced_seekers)
def adjacent_engineers_applying(
    adjacent_engineers_interested: PeoplePerYear, track_of_adjacent_share: Share, posts_region_share: Share,
    pay_of_experienced: Ratio, pay_elasticity_of_lateral_entry: Share, fab_pull_of_adjacent: Share, in_fab: Share,
) -> PeoplePerYear:  # fmt: skip
    """Engineers of electronics and software who would move to chips; better pay brings more."""
    track = turned_to_fabs(track_of_adjacent_share, fab_pull_of_adjacent, in_fab)
    applicants = adjacent_engineers_interested * track * posts_region_share
    return applicants * power(pay_of_experienced, pay_elasticity_of_lateral_entry)


@flow(places.experienced_seekers >> places.adjacent_industry)
def experienced_giving_up(experienced_seekers: People, search_time: Years) -> PeoplePerYear:
    """Engineers who stay where they were."""
    return experienced_seekers / search_time


@auxiliary
def novice_pay_wanted(posts_for_novices: PeoplePerYear, junior_reach: PeoplePerYear, pay_by_tightness: Curve) -> Ratio:
    """Where pay of novices is heading: more posts for each junior raise it, a glut lowers it."""
    reach, posts = total(junior_reach, TRACK, DOOR), total(posts_for_novices, TRACK)
    return lookup(ratio(posts, reach, 1), pay_by_tightness)


@auxiliary
def experienced_pay_wanted(
    posts_for_experienced: PeoplePerYear, experienced_reach: PeoplePerYear, pay_by_tightness: Curve
) -> Ratio:
    """Where pay of experienced engineers is heading."""
    return lookup(ratio(total(posts_for_experienced, TRACK), total(experienced_reach, TRACK), 1), pay_by_tightness)


@auxiliary
def placement_share(novice_hires: PeoplePerYear, giving_up: PeoplePerYear) -> Share:
    """Of juniors who stop looking, the share who found chip work."""
    hired, gone = total(novice_hires, TRACK, DOOR), total(giving_up, TRACK, DOOR)
    return ratio(hired, hired + gone, 1)


@auxiliary
def fill_share(
    novice_hires: PeoplePerYear, lateral_hires: PeoplePerYear, posts_for_novices: PeoplePerYear,
    posts_for_experienced: PeoplePerYear,
) -> Share:  # fmt: skip
    """Of posts opened, the share that is filled, by region and track; all where no post is opened."""
    return minimum(1, ratio(total(novice_hires, DOOR) + lateral_hires, posts_for_novices + posts_for_experienced, 1))


@auxiliary
def senior_fill_share(lateral_hires: PeoplePerYear, posts_for_experienced: PeoplePerYear) -> Share:
    """Of posts for experienced engineers, the share that is filled; all where no post is opened."""
    return minimum(1, ratio(lateral_hires, posts_for_experienced, 1))


@auxiliary
def open_posts_share(posts_for_novices: PeoplePerYear, track_share_without_posts: Share) -> Share:
    """How entry posts are spread over tracks: where matching of curricula sends graduates."""
    return ratio(posts_for_novices, total(posts_for_novices, TRACK), track_share_without_posts)


@auxiliary
def moves_between_firms(engineers_by_track: People, move_rate: PerYear) -> PeoplePerYear:
    """Engineers who change firm inside the sector: they open one post and fill another, and are never sector hires."""
    return engineers_by_track * move_rate
