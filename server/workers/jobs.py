"""The list of jobs: each stands where its use case is, and is named here once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from server.services.accounts.deletion import tidy
from server.services.accounts.sessions import write_seen
from server.services.audit.signing import prove
from server.services.audit.witness_letters import mail_checkpoints
from server.services.booking.drafts import forget_old
from server.services.booking.slots.places import return_places
from server.services.booking.slots.planning import plan_slots
from server.services.booking.wishes import tell_wishes
from server.services.guard.limits import forget_attempts
from server.services.guard.refusals import write_refusals
from server.services.office.notices import NoticeClock
from server.services.office.page_visits import write_visits
from server.services.office.planned import make_planned
from server.services.privacy.erasure import erase
from server.services.privacy.key_watch import follow_keys
from server.services.queue.steering import keep_time
from server.services.release.allocation import give_places, next_in_order, offer_late_hours
from server.services.release.draws import close_draws, open_draws
from server.services.release.waiting_room import commit_rooms, forget_rooms, shuffle_rooms
from server.services.statistics.keeping import keep_sums
from server.services.statistics.monthly_letters import mail_reports
from server.workers.scheduler import Job

JOBS: tuple[Job, ...] = (
    Job("follow_keys", timedelta(seconds=5), follow_keys, everywhere=True),
    Job("erase", timedelta(hours=1), erase),
    Job("forget_attempts", timedelta(hours=1), forget_attempts),
    Job("forget_drafts", timedelta(minutes=5), forget_old),
    Job("forget_unconfirmed", timedelta(hours=1), tidy),
    Job("write_seen", timedelta(minutes=1), write_seen, everywhere=True),
    Job("plan_slots", timedelta(seconds=5), plan_slots),
    Job("return_places", timedelta(seconds=10), partial(return_places, next_in_order=next_in_order)),
    Job("commit_waiting_rooms", timedelta(seconds=10), commit_rooms),
    Job("shuffle_waiting_rooms", timedelta(seconds=1), shuffle_rooms),
    Job("forget_waiting_rooms", timedelta(hours=1), forget_rooms),
    Job("open_draws", timedelta(seconds=10), open_draws),
    Job("close_draws", timedelta(seconds=5), close_draws),
    Job("give_drawn_places", timedelta(seconds=1), give_places),
    Job("offer_late_hours", timedelta(minutes=1), offer_late_hours),
    Job("tell_wishes", timedelta(minutes=1), tell_wishes),
    Job("write_refusals", timedelta(seconds=1), write_refusals, everywhere=True),
    Job("steer", timedelta(seconds=2), keep_time),
    Job("turn_notices", timedelta(seconds=2), NoticeClock().look),
    Job("prove", timedelta(seconds=30), prove),
    Job("write_page_visits", timedelta(seconds=30), write_visits, everywhere=True),
    Job("make_planned_changes", timedelta(seconds=10), make_planned),
    Job("keep_sums", timedelta(minutes=1), keep_sums),
    Job("mail_reports", timedelta(minutes=1), mail_reports),
    Job("mail_checkpoints", timedelta(minutes=1), mail_checkpoints),
)
