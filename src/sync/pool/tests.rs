//! Turns, places, and who is told what.

use std::sync::atomic::AtomicUsize;
use std::thread;
use std::time::Duration;

use super::*;

fn nothing() -> Ender {
    Arc::new(|| {})
}

fn soon() -> Instant {
    Instant::now() + Duration::from_millis(1)
}

fn late() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

#[test]
fn turns_are_taken_then_places_and_then_there_is_no_room() {
    let pool = Pool::new(1, 1);
    let Offer::Yours(turn, 1) = pool.offer(1, Patience::None) else { panic!("a turn is free") };
    assert!(!pool.is_full());
    assert!(matches!(pool.offer(2, Patience::None), Offer::Queued));
    assert!(pool.is_full());
    assert!(matches!(pool.offer(3, Patience::None), Offer::Refused(3)));
    assert!(matches!(pool.offer(4, Patience::Until(soon())), Offer::Refused(4)));
    let Some((turn, 2)) = turn.next() else { panic!("one waits") };
    assert!(turn.next().is_none());
    let expected = Gauges { refused: 2, ..Gauges::default() };
    assert_eq!(pool.gauges(), expected);
    assert!(pool.drain(Some(soon())));
}

#[test]
fn who_waits_for_room_gets_it_when_a_turn_ends() {
    let pool = Pool::new(1, 0);
    let Offer::Yours(turn, ()) = pool.offer((), Patience::None) else { panic!("a turn is free") };
    thread::scope(|scope| {
        let waiting = [Patience::Until(late()), Patience::Endless].map(|patience| {
            let pool = &pool;
            scope.spawn(move || matches!(pool.offer((), patience), Offer::Yours(..)))
        });
        drop(turn);
        assert!(waiting.into_iter().all(|waiting| waiting.join().unwrap()));
    });
}

#[test]
fn what_is_withdrawn_leaves_its_place_and_is_not_waited_for() {
    let pool = Pool::new(1, 2);
    let Offer::Yours(turn, 1) = pool.offer(1, Patience::None) else { panic!("a turn is free") };
    for job in [2, 3] {
        assert!(matches!(pool.offer(job, Patience::None), Offer::Queued));
    }
    assert_eq!((pool.withdraw(|job| *job == 2), pool.withdraw(|job| *job == 2)), (Some(2), None));
    assert!(matches!(pool.offer(4, Patience::None), Offer::Queued));
    let Some((turn, 3)) = turn.next() else { panic!("one waits") };
    assert_eq!(pool.withdraw(|_| true), Some(4));
    drop(turn);
    assert!(pool.drain(None));
}

#[test]
fn a_panic_ends_its_job_and_is_counted() {
    let pool = Pool::new(1, 0);
    let Offer::Yours(turn, ()) = pool.offer((), Patience::None) else { panic!("a turn is free") };
    let panicked = turn.run::<()>(nothing(), || panic!("number {}", 7));
    assert!(matches!(panicked, Err(Failure::Panic(words)) if &*words == "number 7"));
    assert!(matches!(turn.run(nothing(), || Err(5)), Err(Failure::Error(5))));
    assert!(turn.run::<()>(nothing(), || Ok(())).is_ok());
    let expected = Gauges { active: 1, done: 1, failed: 2, panicked: 1, ..Gauges::default() };
    assert_eq!(pool.gauges(), expected);
}

#[test]
fn submitted_jobs_are_taken_by_those_who_wait_for_them() {
    let (pool, sum) = (Pool::new(2, 100), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((turn, job)) = pool.take() {
                    let _ = turn.run::<()>(nothing(), || {
                        sum.fetch_add(job, Ordering::Relaxed);
                        Ok(())
                    });
                }
            });
        }
        for job in 1..=100 {
            assert!(pool.submit(job).is_ok());
        }
        assert!(pool.drain(Some(late())));
        pool.close();
        assert_eq!(pool.submit(7), Err(7));
    });
    assert_eq!(sum.into_inner(), 5050);
    assert_eq!(pool.gauges().done, 100);
}

#[test]
fn the_end_reaches_jobs_under_way_and_those_that_begin_later() {
    let pool = Pool::new(2, 1);
    let told = Arc::new(AtomicUsize::new(0));
    let ender = || -> Ender {
        let told = Arc::clone(&told);
        Arc::new(move || {
            told.fetch_add(1, Ordering::Relaxed);
        })
    };
    let Offer::Yours(first, 1) = pool.offer(1, Patience::None) else { panic!("a turn is free") };
    let Offer::Yours(second, 2) = pool.offer(2, Patience::None) else { panic!("a turn is free") };
    assert!(matches!(pool.offer(3, Patience::None), Offer::Queued));
    let ran = first.run::<()>(ender(), || {
        pool.close();
        assert!(!pool.drain(Some(soon())));
        // The other has its turn, though it has not begun.
        assert_eq!(pool.end(), (vec![3], 2));
        assert_eq!(told.load(Ordering::Relaxed), 1);
        Ok(())
    });
    assert!(ran.is_ok());
    let _ = second.run::<()>(ender(), || Ok(()));
    assert_eq!(told.load(Ordering::Relaxed), 2);
    assert!(first.next().is_none());
    assert!(second.next().is_none());
    assert!(pool.drain(None));
}

#[test]
fn closing_sends_away_who_waits_for_room() {
    let pool = Pool::new(1, 0);
    let Offer::Yours(_turn, ()) = pool.offer((), Patience::None) else { panic!("a turn is free") };
    thread::scope(|scope| {
        let waiting =
            scope.spawn(|| matches!(pool.offer((), Patience::Until(late())), Offer::Refused(())));
        pool.close();
        assert!(waiting.join().unwrap());
    });
}
