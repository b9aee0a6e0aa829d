//! CHP: channels that give the smallest first, and channels without room.
use crate::support::Counter;
use crate::support::polls::{poll, ready, waits};
use std::cmp::Reverse;
use std::task::Poll;
use taskcell::channel::{ChannelOptions, Reader, TryReadError, TryWriteError, Writer, rendezvous};

#[test]
fn chp_001_the_smallest_first() {
    let (writer, reader): (Writer<u32>, Reader<u32>) = ChannelOptions::unbounded().prioritized().create();
    for (count, n) in [20, 21, 19].into_iter().enumerate() {
        assert_eq!(reader.len(), count);
        writer.try_write(n).unwrap();
    }
    assert_eq!(reader.peek(|item| *item), Some(19));
    assert_eq!(ready(reader.read()).unwrap(), 19);
    assert_eq!(reader.len(), 2);
    writer.try_write(18).unwrap();
    assert!(ready(writer.write(22)).is_ok());
    for (left, n) in [18, 20, 21, 22].into_iter().enumerate() {
        assert_eq!((reader.len(), reader.try_read().unwrap()), (4 - left, n));
    }
    assert!(matches!(reader.try_read(), Err(TryReadError::Empty)));
}

#[test]
fn chp_002_an_order_of_ones_own() {
    let options = ChannelOptions::unbounded().prioritized_by(|a: &u32, b: &u32| b.cmp(a));
    let (writer, reader): (Writer<u32>, Reader<u32>) = options.create();
    for n in [20, 21, 19, 22, 18] {
        writer.try_write(n).unwrap();
    }
    assert_eq!(reader.try_read_all(), [22, 21, 20, 19, 18]);
    let (writer, reader): (Writer<_>, Reader<_>) = ChannelOptions::unbounded().prioritized().create();
    [20, 22, 21].into_iter().for_each(|n| writer.try_write(Reverse(n)).unwrap());
    assert_eq!(reader.try_read().unwrap(), Reverse(22));
}

#[test]
fn chp_004_writes_and_reads_meet_in_their_order() {
    let (writer, reader) = rendezvous::<u32>();
    let waker = Counter::new();
    let (mut first, mut second) = (writer.write(1), writer.write(2));
    assert!(waker.poll(&mut first).is_pending());
    assert!(waits(&mut second));
    assert_eq!((reader.len(), writer.len()), (0, 0));
    assert_eq!(ready(reader.read()).unwrap(), 1);
    assert_eq!(waker.wakes(), 1);
    assert!(waits(&mut second));
    assert!(matches!(poll(&mut first), Poll::Ready(Ok(()))));
    assert_eq!(reader.len(), 0);
    assert_eq!(reader.try_read().unwrap(), 2);
    assert!(ready(second).is_ok());
    assert_eq!(reader.len(), 0);
    assert!(matches!(reader.try_read(), Err(TryReadError::Empty)));
}

#[test]
fn chp_006_who_waits_to_write_is_told_of_a_reader() {
    let (writer, reader) = rendezvous::<u32>();
    let waker = Counter::new();
    let mut waiting = [writer.wait_to_write(), writer.wait_to_write()];
    assert!(waiting.iter_mut().all(|wait| waker.poll(wait).is_pending()));
    assert!(matches!(writer.try_write(9), Err(TryWriteError::Full(9))));
    let mut read = reader.read();
    assert!(waits(&mut read));
    assert_eq!(waker.wakes(), 2);
    for wait in waiting {
        assert!(matches!(ready(wait), Ok(true)));
    }
    assert!(matches!(ready(writer.wait_to_write()), Ok(true)));
    writer.try_write(1).unwrap();
    assert_eq!(ready(read).unwrap(), 1);
    assert!(waits(&mut writer.wait_to_write()));
}
