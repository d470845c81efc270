//! What a terminal shows while a run goes on: the binary in a pseudo-terminal,
//! whose screen is read as a terminal would draw it.

use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::server::Server;
use crate::work::{Work, interrupt};

/// Longer than a table is awaited on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A command in a terminal of its own.
struct Terminal {
    typed: File,
    child: Child,
    screen: Arc<Mutex<vt100::Parser>>,
    reader: std::thread::JoinHandle<()>,
}

impl Terminal {
    fn open(mut command: Command, columns: u16, rows: u16) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let slave = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        let size = Winsize {
            ws_row: rows,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&slave, size).unwrap();
        command
            .env("TERM", "xterm-256color")
            .stdout(slave.try_clone().unwrap())
            .stderr(slave);
        let child = command.spawn().unwrap();
        // It holds the other end open.
        drop(command);
        let [rows, columns] = [rows, columns].map(|size| NonZeroU16::new(size).unwrap());
        let screen = Arc::new(Mutex::new(vt100::Parser::new(rows, columns, 1000)));
        let mut master = File::from(master);
        let typed = master.try_clone().unwrap();
        let shown = Arc::clone(&screen);
        let reader = std::thread::spawn(move || {
            let mut part = [0; 4096];
            // An error is the end of a terminal that nobody holds open.
            while let Ok(length @ 1..) = master.read(&mut part) {
                shown.lock().unwrap().process(&part[..length]);
            }
        });
        Self {
            typed,
            child,
            screen,
            reader,
        }
    }

    /// The rows on the screen; none of them goes on in the next one.
    fn rows(&self) -> Vec<String> {
        let parser = self.screen.lock().unwrap();
        let screen = parser.screen();
        let (height, width) = screen.size();
        for row in 0..height.get() {
            assert!(!screen.row_wrapped(row), "{}", screen.contents());
        }
        screen.rows(0, width.get()).collect()
    }

    /// The rows, once one of them has each of these texts.
    fn wait_for(&self, texts: &[&str]) -> Vec<String> {
        let began = Instant::now();
        loop {
            let rows = self.rows();
            let all = rows.join("\n");
            if texts.iter().all(|text| all.contains(text)) {
                return rows;
            }
            let is_over = self.reader.is_finished() || began.elapsed() > PATIENCE;
            assert!(!is_over, "no {texts:?} in:\n{all}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What is left when it has ended with `code`, with all that has scrolled away.
    #[track_caller]
    fn end(mut self, code: i32) -> String {
        let ended = self.child.wait().unwrap();
        drop(self.typed);
        self.reader.join().unwrap();
        let mut parser = self.screen.lock().unwrap();
        let screen = parser.screen_mut();
        screen.set_scrollback(usize::MAX);
        let (height, width) = screen.size();
        let mut rows: Vec<String> = Vec::new();
        for above in (0..=screen.scrollback()).rev() {
            screen.set_scrollback(above);
            rows.extend(screen.rows(0, width.get()).take(1));
        }
        rows.extend(
            screen
                .rows(0, width.get())
                .take(height.get().into())
                .skip(1),
        );
        let all = rows.join("\n");
        assert_eq!(ended.code(), Some(code), "{all}");
        all
    }
}

/// Nothing of a table or a line, which have no place among what is left.
fn holds_no_trace(left: &str) {
    for trace in ["delivered", "OTPs awaited", "active", "█", "░", "setup"] {
        assert!(!left.contains(trace), "`{trace}` is left in:\n{left}");
    }
}

/// Two scenarios at a rate, of which one threshold is not met.
fn plan(work: &Work, server: &Server) -> String {
    let text = format!(
        "name: two kinds of visits
target: simulator
scenarios:
  first_visit:
    executor: constant_arrival_rate
    rate: 1/s
    duration: 6s
    pre_allocated_vus: 10
    steps:
      - register: {{email: \"{{{{ fake.email() }}}}\", first_name: Ada, last_name: Byron, responsible: \"{{{{ target.responsible }}}}\"}}
      - data_sample.create: {{labels: [{{type: T, code: C}}], content: {{en: {{stringValue: x}}}}}}
  browse:
    executor: constant_arrival_rate
    rate: 10/s
    duration: 6s
    pre_allocated_vus: 10
    steps:
      - http: {{url: \"{}/page\"}}
        name: open the page
thresholds:
  step_duration{{step=register}}: p95 < 1m
  step_duration{{step=open the page}}: p95 < 1ns
  errors: count == 0
",
        server.url
    );
    work.write("visits.yaml", &text)
}

/// A run in a terminal of this size: the rows once everything is measured, and
/// what is left in the end.
fn played(columns: u16, rows: u16, awaited: &[&str]) -> (Vec<String>, String) {
    let (work, server) = (Work::new(), Server::start());
    let file = plan(&work, &server);
    let terminal = Terminal::open(work.rehearse(&["run", &file]), columns, rows);
    let shown = terminal.wait_for(awaited);
    (shown, terminal.end(1))
}

fn row<'r>(rows: &'r [String], name: &str) -> &'r str {
    let found = rows.iter().find(|row| row.contains(name));
    found.unwrap_or_else(|| panic!("no {name} in {rows:#?}"))
}

fn table(columns: u16, rows: u16) {
    let awaited = [
        "delivered",
        "first_visit / register  ",
        "✓ step_duration{step=register} p95 < 1m",
    ];
    let (shown, left) = played(columns, rows, &awaited);
    let browse: Vec<&str> = row(&shown, "  browse  ").split_whitespace().collect();
    assert_eq!(browse[..2], ["browse", "10.0/s"], "{shown:#?}");
    let delivered: f64 = browse[2].strip_suffix("/s").unwrap().parse().unwrap();
    assert!(delivered > 0.0, "{shown:#?}");
    let page = row(&shown, "browse / open the page");
    assert!(page.split_whitespace().count() == 9, "{page}");
    assert!(page.ends_with('s'), "{page}");
    assert!(row(&shown, "p95 < 1ns").starts_with("  ✗ "), "{shown:#?}");
    assert!(
        row(&shown, "errors count == 0").starts_with("  ✓ "),
        "{shown:#?}"
    );
    let runner = row(&shown, "OTPs awaited ");
    assert!(
        runner.contains("runner: ") && runner.contains(" busy, CPU "),
        "{runner}"
    );
    assert!(shown.concat().contains("start lag"), "{shown:#?}");
    holds_no_trace(&left);
    // The first line of the summary follows nothing.
    let first = left.lines().find(|line| !line.trim().is_empty()).unwrap();
    assert!(
        first.starts_with("  ✗ two kinds of visits: failed"),
        "{left}"
    );
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let file = format!(
            "{}/docs/live-{columns}x{rows}.txt",
            env!("CARGO_MANIFEST_DIR")
        );
        let text = shown.join("\n");
        std::fs::write(file, format!("{}\n", text.trim_end())).unwrap();
    }
}

#[test]
fn a_run_is_a_table_in_eighty_columns() {
    table(80, 24);
}

#[test]
fn a_run_is_a_table_in_a_large_terminal() {
    table(200, 50);
}

#[test]
fn a_run_is_a_line_where_there_is_no_room_for_a_table() {
    let (shown, left) = played(50, 24, &["iterations"]);
    let lines: Vec<&String> = shown.iter().filter(|row| !row.trim().is_empty()).collect();
    assert_eq!(lines.len(), 1, "{shown:#?}");
    assert!(lines[0].contains(" of 6s, "), "{shown:#?}");
    for trace in ["delivered", " of 6s", "active"] {
        assert!(!left.contains(trace), "{left}");
    }
}

#[test]
fn messages_are_above_the_table_and_an_interrupt_leaves_none_of_it() {
    let (work, server) = (Work::new(), Server::start());
    let text = format!(
        "name: slow visits
scenarios:
  browse:
    executor: constant_arrival_rate
    rate: 5/s
    duration: 10m
    pre_allocated_vus: 40
    steps: [{{http: {{url: \"{}/page\"}}}}, {{sleep: 3s}}]
",
        server.url
    );
    let file = work.write("slow.yaml", &text);
    let mut terminal = Terminal::open(work.rehearse(&["run", &file, "--no-report"]), 80, 24);
    terminal.wait_for(&["delivered", "5.00/s"]);
    // What the terminal shows of the key is drawn over.
    terminal.typed.write_all(b"\x03").unwrap();
    interrupt(&terminal.child);
    let told = "rehearse: letting iterations under way finish";
    let shown = terminal.wait_for(&[told, "stopping", "delivered"]);
    let place = |text: &str| shown.iter().position(|row| row.contains(text)).unwrap();
    assert!(place(told) < place("stopping"), "{shown:#?}");
    let left = terminal.end(130);
    assert_eq!(left.matches(told).count(), 1, "{left}");
    holds_no_trace(&left);
    assert!(left.contains("slow visits: stopped early"), "{left}");
}
