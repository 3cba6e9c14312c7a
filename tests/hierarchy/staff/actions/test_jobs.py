from tests.factories import failed_job
from tests.support.acting import jobs
from tests.support.refusals import refused


def test_retry_gives_the_job_to_the_worker_again(staff):
    job = failed_job()

    jobs.retry(job, by=staff)

    job.refresh_from_db()
    assert job.status == "todo"


def test_retry_refuses_what_has_not_failed(staff):
    job = failed_job()
    jobs.retry(job, by=staff)

    with refused("not_failed"):
        jobs.retry(job, by=staff)


def test_retry_refuses_who_may_not_change_jobs(owner):
    job = failed_job()

    with refused("not_allowed"):
        jobs.retry(job, by=owner)
