import threading

from edge.job_queue import JobQueue


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def working(jobs: JobQueue) -> threading.Thread:
    thread = threading.Thread(target=jobs.work)
    thread.start()
    return thread


def test_jobs_are_done_in_order_and_a_failure_ends_nothing() -> None:
    jobs, done = JobQueue("test", 10, Time()), list[int]()
    assert jobs.post(lambda: done.append(1))
    assert jobs.post(lambda: 1 / 0)
    assert jobs.post(lambda: done.append(2))
    assert jobs.end()
    working(jobs).join(10)
    assert done == [1, 2]
    assert (jobs.begun, jobs.age()) == (None, 0.0)


def test_what_finds_no_room_is_refused_at_once() -> None:
    jobs = JobQueue("test", 1, Time())
    assert jobs.post(lambda: None)
    assert not jobs.post(lambda: None)
    assert not jobs.end()
    assert jobs.waiting == 1


def test_a_stuck_job_shows_its_age_from_when_it_was_handed_over() -> None:
    time, begun, go = Time(), threading.Event(), threading.Event()
    jobs = JobQueue("test", 10, time)

    def stuck() -> None:
        begun.set()
        go.wait(10)

    jobs.post(stuck)
    time.now = 103.0
    thread = working(jobs)
    assert begun.wait(10)
    assert jobs.begun == 103.0
    time.now = 110.0
    assert jobs.age() == 10.0
    go.set()
    jobs.end()
    thread.join(10)
    assert jobs.begun is None
