//! The whole tutorial, for one user and for many.

use serde_json::Value;

use crate::work::{Work, entry, shipped};

const STEPS: [&str; 6] = [
    "register",
    "data_sample.create",
    "reinstantiate",
    "data_sample.get",
    "login",
    "data_sample.get after login",
];

/// Sum of a counter over all its series.
fn sum(report: &Value, metric: &str) -> u64 {
    let series = report["metrics"].as_array().unwrap().iter();
    let values = series.filter(|series| series["metric"] == metric);
    values.map(|series| series["sum"].as_u64().unwrap()).sum()
}

fn part<'a>(step: &'a Value, name: &str) -> &'a Value {
    entry(&step["parts"], "name", name)
}

#[test]
fn one_user_plays_it_with_one_command() {
    let work = Work::new();
    let ended = work.run(&["run", &shipped("tutorial.yaml")]).expect(0);
    assert!(
        ended.out.contains("authentication tutorial: passed"),
        "{}",
        ended.out
    );
    assert!(ended.out.contains("report.json"), "{}", ended.out);
    let report = work.report();
    assert_eq!(report["schema"], "rehearse/report/3");
    assert_eq!(report["verdict"], "passed");
    for name in STEPS {
        let step = entry(&report["steps"], "name", name);
        assert_eq!(step["ok"]["count"], 1, "{name}");
        assert_eq!(step["failed"]["count"], 0, "{name}");
    }
}

#[test]
fn every_request_wait_and_operation_of_a_step_is_measured() {
    let work = Work::new();
    work.run(&["run", &shipped("tutorial.yaml")]).expect(0);
    let report = work.report();
    let expected = [
        (
            "register",
            &[
                "POST gateway /process/{processId}/{requestId}",
                "wait for the one-time password",
                "GET gateway /process/validate/{requestId}-{code}",
                "POST /auth/login",
                "GET /user/current",
                "GET /dataowner/current",
                "RSA-2048 generate",
                "RSA-OAEP encrypt",
                "PUT /patient",
                "POST /user/token/{userId}/{key}",
            ][..],
        ),
        ("data_sample.create", &["AES-CBC encrypt", "POST /contact"]),
        (
            "data_sample.get",
            &["GET /contact/service/{id}", "AES-CBC decrypt"],
        ),
        ("reinstantiate", &["POST /auth/login", "GET /user/current"]),
        (
            "login",
            &[
                "wait for the one-time password",
                "POST /user/token/{userId}/{key}",
            ],
        ),
    ];
    for (name, parts) in expected {
        let step = entry(&report["steps"], "name", name);
        for name in parts {
            let part = part(step, name);
            assert!(part["ok"]["count"].as_u64() >= Some(1), "{part}");
            assert!(part["ok"]["max_ms"].as_f64() > Some(0.0), "{part}");
        }
    }
    // A step takes at least as long as what happens in it, one after another.
    let register = entry(&report["steps"], "name", "register");
    let sum = |value: &Value| value["ok"]["sum_ms"].as_f64().unwrap_or(0.0);
    let parts: f64 = register["parts"].as_array().unwrap().iter().map(sum).sum();
    assert!(sum(register) >= parts, "{} < {parts}", sum(register));
}

#[test]
fn many_users_play_it_at_once_and_nothing_is_mixed_up() {
    let work = Work::new();
    let arguments = ["--vus", "10", "--iterations", "3"];
    let file = shipped("tutorial.yaml");
    work.run(&[&["run", &file][..], &arguments].concat())
        .expect(0);
    let report = work.report();
    assert_eq!(report["totals"]["iterations_ok"], 30);
    assert_eq!(report["totals"]["iterations_failed"], 0);
    assert_eq!(report["totals"]["users"], 30);
    assert_eq!(sum(&report, "otps_read"), 60);
    assert_eq!(sum(&report, "keys_generated"), 30);
    // Read twice in each iteration, equal to what was written each time.
    for condition in [
        "found.content.en.stringValue == greeting",
        "still_there.content == found.content",
    ] {
        let check = entry(&report["checks"], "condition", condition);
        assert_eq!((&check["held"], &check["total"]), (&30.into(), &30.into()));
    }
}

#[test]
fn requests_keep_to_the_ceiling() {
    let work = Work::new();
    let file = shipped("tutorial.yaml");
    work.run(&["run", &file, "--rps", "20", "--vus", "2"])
        .expect(0);
    let report = work.report();
    let requests = sum(&report, "http_reqs");
    let took = report["run"]["took_ms"].as_f64().unwrap();
    // The first one needs no wait; n of them span n - 1 periods of 50 ms.
    #[expect(clippy::cast_precision_loss)]
    let least = (requests - 1) as f64 * 50.0;
    assert!(requests > 20, "{requests}");
    assert!(took >= least - 1.0, "{requests} requests in {took} ms");
}

#[test]
fn the_same_seed_gives_the_same_people() {
    let logins = |seed: &str| {
        let work = Work::new();
        let file = work.write(
            "who.yaml",
            "name: who\n\
             scenarios:\n\
             \x20 one:\n\
             \x20   steps:\n\
             \x20     - register: {email: \"{{ fake.email() }}\", first_name: \"{{ fake.first_name() }}\", responsible: \"{{ target.responsible }}\"}\n\
             \x20       as: who\n\
             \x20       expect: who.login == 'nobody'\n",
        );
        let ended = work.run(&["run", &file, "--seed", seed]).expect(1);
        let line = ended
            .out
            .lines()
            .find(|line| line.contains("but"))
            .unwrap()
            .to_owned();
        assert!(line.contains('@'), "{line}");
        line
    };
    let first = logins("7");
    assert_eq!(first, logins("7"));
    assert_ne!(first, logins("8"));
}
