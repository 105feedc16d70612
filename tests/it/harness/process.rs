//! The real program as a process of its own: for signals, exit codes, the log, limits of the system, and `kill -9`.

use std::io::{BufRead as _, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use vestibule::clock::Clock;

use crate::harness::{Browser, HOST, raw};

/// The program. Not known where the harness is used without it, as by the fuzz targets.
pub const PROGRAM: &str = match option_env!("CARGO_BIN_EXE_vestibule") {
    Some(program) => program,
    None => "vestibule",
};

/// Lines that are collected while the process runs.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    fn collect(from: impl Read + Send + 'static) -> Self {
        let lines = Self::default();
        let into = lines.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(from).lines().map_while(Result::ok) {
                into.0.lock().unwrap().push(line);
            }
        });
        lines
    }

    /// What came so far.
    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// The first line with this text; waits for it for up to twenty seconds.
    #[track_caller]
    pub fn find(&self, text: &str) -> String {
        for _ in 0..2000 {
            if let Some(line) = self.all().into_iter().find(|line| line.contains(text)) {
                return line;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("`{text}` was never said: {:#?}", self.all());
    }

    /// How many lines have this text.
    pub fn count(&self, text: &str) -> usize {
        self.all().iter().filter(|line| line.contains(text)).count()
    }
}

/// A running process; killed when dropped.
pub struct Process {
    child: Child,
    /// Its standard output.
    pub out: Lines,
    /// Its standard error: the log.
    pub log: Lines,
}

impl Process {
    /// Starts the program with these arguments in this folder.
    pub fn start(dir: &Path, args: &[&str]) -> Self {
        Self::spawn(command(dir, args))
    }

    /// Starts any command.
    pub fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = Lines::collect(child.stdout.take().unwrap());
        let log = Lines::collect(child.stderr.take().unwrap());
        Self { child, out, log }
    }

    /// Starts any command whose log somebody reads up to a line with this text, which is handed back, and then goes away.
    fn spawn_heard_until(mut command: Command, text: &str) -> (Self, String) {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let line = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok).find(|line| line.contains(text));
        let process = Self { child, out: Lines::default(), log: Lines::default() };
        (process, line.unwrap_or_else(|| panic!("`{text}` was never said")))
    }

    /// Its id.
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end; the exit code. At most twenty seconds.
    #[track_caller]
    pub fn code(&mut self) -> i32 {
        for _ in 0..2000 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or_else(|| panic!("{status}"));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not end: {:#?}", self.log.all());
    }

    /// Whether it runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Seconds on the system's wall clock, which is the one that processes see.
pub fn now() -> u64 {
    Clock::system().now().wall.secs().unsigned_abs()
}

/// The program with these arguments, in this folder, without the environment of whoever runs the tests.
pub fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(args).current_dir(dir).env_clear().stdin(Stdio::null());
    command
}

/// Runs a command beside whatever serves there, and waits for its end.
pub fn run(dir: &Path, args: &[&str]) -> Output {
    command(dir, args).output().unwrap()
}

/// The standard output of a command that has to succeed.
#[track_caller]
pub fn result(dir: &Path, args: &[&str]) -> String {
    let output = run(dir, args);
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The same as JSON.
#[track_caller]
pub fn json(dir: &Path, args: &[&str]) -> Value {
    serde_json::from_str(&result(dir, args)).unwrap()
}

/// What `serve` says once it is ready for everybody.
const OPEN: &str = "the gate is open";

/// A running `serve`.
pub struct Served {
    /// The process.
    pub process: Process,
    /// Its folder.
    pub dir: PathBuf,
    /// Where TLS is served.
    pub https: SocketAddr,
    ops: Option<SocketAddr>,
}

impl Served {
    /// Starts `serve` on the configuration in this folder, and waits until it is open.
    pub fn start(dir: &Path) -> Self {
        Self::with(dir, command(dir, &["serve"]))
    }

    /// The same by another command line.
    pub fn with(dir: &Path, command: Command) -> Self {
        let process = Process::spawn(command);
        let line = process.log.find(OPEN);
        Self::at(dir, process, &line)
    }

    /// Starts `serve` here; whoever reads its log goes away once it is open.
    pub fn unheard(dir: &Path) -> Self {
        let (process, line) = Process::spawn_heard_until(command(dir, &["serve"]), OPEN);
        Self::at(dir, process, &line)
    }

    fn at(dir: &Path, process: Process, line: &str) -> Self {
        let address = |name: &str| address(line, name);
        let (https, ops) = (address("https").expect(line), address("ops"));
        Self { process, dir: dir.to_owned(), https, ops }
    }

    /// Where health, readiness and metrics are.
    pub fn ops_addr(&self) -> SocketAddr {
        self.ops.unwrap()
    }

    /// A browser that has never been here.
    pub fn browser(&self) -> Browser {
        Browser::new(self.https, HOST, &std::fs::read(self.dir.join("cert.pem")).unwrap())
    }

    /// One that keeps its cookies, moved here.
    pub fn same(&self, before: &Browser) -> Browser {
        let mut browser = self.browser();
        browser.cookies.clone_from(&before.cookies);
        browser
    }

    /// What the ops listener says to a path.
    pub async fn ops(&self, path: &str) -> (u16, String) {
        raw::plain_get(self.ops.unwrap(), path).await
    }

    /// The value of the first metric whose line begins so.
    pub async fn metric(&self, start: &str) -> Option<f64> {
        let (_, text) = self.ops("/metrics").await;
        let line = text.lines().find(|line| line.starts_with(start))?;
        line.rsplit(' ').next().unwrap().parse().ok()
    }
}

/// An address in a line of the log, in text or JSON.
pub fn address(line: &str, name: &str) -> Option<SocketAddr> {
    let found = match serde_json::from_str::<Value>(line) {
        Ok(line) => line[name].as_str()?.to_owned(),
        Err(_) => line.split(' ').find_map(|word| word.strip_prefix(&format!("{name}=")))?.to_owned(),
    };
    Some(found.parse().unwrap())
}
