//! What counts as a spawner.

use std::rc::Rc;
use std::sync::Arc;

use taskcell::{BoxFuture, LocalBoxFuture, LocalSpawner, Spawner};

fn run(spawner: &(impl Spawner + ?Sized)) {
    let (sender, receiver) = smol::channel::bounded(1);
    spawner.spawn(Box::pin(async move { sender.send(5).await.unwrap() }));
    assert_eq!(smol::block_on(receiver.recv()), Ok(5));
}

struct Smol;

impl Spawner for Smol {
    fn spawn(&self, future: BoxFuture<'static, ()>) {
        smol::spawn(future).detach();
    }
}

#[test]
fn closures_types_and_pointers_are_spawners() {
    let closure = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
    run(&closure);
    run(&&closure);
    run(&Smol);
    run(&Arc::new(Smol));
    run(&Arc::new(closure));
    run(&(Arc::new(Smol) as Arc<dyn Spawner + Send + Sync>));
    run(&(Box::new(Smol) as Box<dyn Spawner>));
    run(&(&Smol as &dyn Spawner));
    let dynamic: &dyn Spawner = &closure;
    run(dynamic);
}

#[test]
fn local_spawners_need_no_send() {
    let executor = Rc::new(smol::LocalExecutor::new());
    let inside = executor.clone();
    let local = move |future: LocalBoxFuture<'static, ()>| inside.spawn(future).detach();
    let shared: Rc<dyn LocalSpawner> = Rc::new(local);
    let (sender, receiver) = smol::channel::bounded(1);
    let text = Rc::new(7);
    LocalSpawner::spawn(&shared, Box::pin(async move { sender.send(*text).await.unwrap() }));
    assert_eq!(smol::block_on(executor.run(receiver.recv())), Ok(7));
}
