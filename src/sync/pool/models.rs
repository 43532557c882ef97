//! Every interleaving of a turn that ends and a job that comes.

use loom::thread;

use super::*;

#[test]
fn a_job_that_comes_while_a_turn_ends_is_done_by_one_of_the_two() {
    loom::model(|| {
        let pool = Arc::new(Pool::new(1, 1));
        let Offer::Yours(turn, 1) = pool.offer(1, Patience::None) else { panic!("a turn is free") };
        let other = Arc::clone(&pool);
        let offering = thread::spawn(move || match other.offer(2, Patience::None) {
            Offer::Yours(_, job) => Some(job),
            _ => None,
        });
        let mine = turn.next().map(|(_, job)| job);
        let theirs = offering.join().unwrap();
        assert_eq!(mine.or(theirs), Some(2));
        assert!(mine.is_none() || theirs.is_none());
        assert_eq!(pool.gauges().queued, 0);
    });
}

#[test]
fn a_job_that_is_submitted_finds_who_waits_for_it_and_a_closed_pool_nobody() {
    loom::model(|| {
        let pool = Arc::new(Pool::<u8>::new(1, 1));
        let other = Arc::clone(&pool);
        let worker = thread::spawn(move || other.take().map(|(_, job)| job));
        let taken = pool.submit(7).is_ok();
        pool.close();
        assert!(taken);
        assert_eq!(worker.join().unwrap(), Some(7));
    });
}
