//! A folder and the program in it, without a terminal and without the environment of whoever runs the tests.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub struct Terminal(tempfile::TempDir);

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ended {
    /// The result of a command that has to succeed.
    pub fn result(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }

    /// The result as JSON.
    pub fn json(self) -> serde_json::Value {
        serde_json::from_str(&self.result()).unwrap()
    }

    /// The complaint of a command that has to fail in this way, and prints no result.
    pub fn complaint(self, code: i32) -> String {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{self:?}");
        self.err
    }
}

impl Terminal {
    /// An empty folder.
    pub fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// One in which `init` was run.
    pub fn ready() -> Self {
        let terminal = Self::empty();
        terminal.run(&["init", "--portal", "http://127.0.0.1:8081", "--admin", "admin@example.com"]).result();
        terminal
    }

    pub fn run(&self, args: &[&str]) -> Ended {
        self.run_with(args, &[])
    }

    pub fn run_with(&self, args: &[&str], vars: &[(&str, &str)]) -> Ended {
        let output = Command::new(env!("CARGO_BIN_EXE_vestibule"))
            .args(args)
            .current_dir(self.0.path())
            .env_clear()
            .envs(vars.iter().copied())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).unwrap();
    }

    pub fn mode(&self, name: &str) -> u32 {
        self.path(name).metadata().unwrap().permissions().mode() & 0o7777
    }

    /// Names of all that is in the folder.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}
