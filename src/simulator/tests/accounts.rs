//! Patients, practitioners and devices that somebody makes, and accounts for
//! them.

use reqwest::Method;
use serde_json::{Value, json};

use super::world::{As, Person, World, text};

/// A practitioner, and a patient that it made.
async fn practice() -> (World, Person, Value) {
    let world = World::new().await;
    let house = world.practitioner("house@example.org").await;
    let patient = json!({
        "id": "p", "firstName": "Grace", "lastName": "Hopper", "dateOfBirth": 19_061_209,
        "ssin": "123", "delegations": {house.owner_id.clone(): []},
    });
    let patient = world.post("/patient", &house, &patient).await.json();
    (world, house, patient)
}

fn account(id: &str, email: &str, of: (&str, &str)) -> Value {
    json!({"id": id, "email": email, of.0: of.1})
}

#[tokio::test]
async fn a_patient_is_made_found_and_invited() {
    let (world, house, patient) = practice().await;
    let grace = account("u", "grace@example.org", ("patientId", "p"));
    let made = world.post("/user", &house, &grace).await.json();
    assert_eq!(made["login"], "grace@example.org");
    assert_eq!(made["groupId"], json!(world.simulator.identity().group_id));
    // The invitation: a token for the account, sent as a message.
    let token = world
        .api(
            Method::POST,
            "/user/token/u/invitation?tokenValidity=60",
            &house,
            None,
        )
        .await;
    let token = token.text().to_owned();
    let who = As::Basic("Grace@example.org".to_owned(), token.clone());
    assert_eq!(world.get("/user/current", &who).await.json(), made);
    assert_eq!(world.get("/patient/p", &who).await.json(), patient);
    let check = async |who: &As, token: &str| {
        let url = format!("{}rest/v1/user/token/u", world.simulator.api_url());
        let header = [("token", token)];
        world.send_with(Method::GET, url, who, None, &header).await
    };
    assert_eq!(check(&who, &token).await.json(), json!(true));
    assert_eq!(check(&who, "hunter2").await.json(), json!(false));
    assert_eq!(check(&As::from(&house), &token).await.json(), json!(true));
    let eve = world.practitioner("eve@example.org").await;
    check(&As::from(&eve), &token).await.refusal(403);
    world.advance(60);
    world.get("/user/current", &who).await.refusal(401);

    let matched =
        async |who: &Person, filter: Value| world.post("/user/match", who, &filter).await.json();
    for filter in [
        json!({"$type": "UsersByPatientIdFilter", "patientId": "p"}),
        json!({"$type": "UserByNameEmailPhoneFilter", "searchString": "Grace@"}),
        json!({"$type": "UserByIdsFilter", "ids": ["u", "x"]}),
    ] {
        assert_eq!(
            matched(&eve, filter.clone()).await,
            json!(["u"]),
            "{filter}"
        );
    }
    for path in ["/user/byEmail/GRACE@example.org", "/user/u"] {
        assert_eq!(world.get(path, &eve).await.json(), made, "{path}");
    }
    assert_eq!(
        world.get("/user/byPatientId/p", &eve).await.json(),
        json!(["u"])
    );
    world
        .get("/user/byEmail/x@example.org", &eve)
        .await
        .refusal(404);
}

#[tokio::test]
async fn accounts_are_nobody_elses_business() {
    let (world, house, _) = practice().await;
    let ada = world.patient("ada@example.org").await;
    let grace = account("u", "grace@example.org", ("patientId", "p"));
    world.post("/user", &ada, &grace).await.refusal(403);
    world.post("/user", &house, &grace).await.json();
    for (changed, status) in [
        (account("u", "a@example.org", ("patientId", "x")), 404),
        (account("v", "a@example.org", ("patientId", "p")), 409),
        (
            account(
                "v",
                "Ada@example.org",
                ("healthcarePartyId", &house.owner_id),
            ),
            409,
        ),
        (json!({"id": "v", "patientId": "p"}), 400),
        (json!({"id": "v", "email": "a@example.org"}), 400),
        (
            json!({"id": "v", "email": "a@example.org", "patientId": "p", "healthcarePartyId": "p"}),
            400,
        ),
    ] {
        world.post("/user", &house, &changed).await.refusal(status);
    }
    world.get("/user/u", &ada).await.refusal(403);
    // Nor is anybody told that there are any.
    let mut refusals = Vec::new();
    for address in ["grace@example.org", "nobody@example.org"] {
        for path in ["byEmail", "byPhoneNumber"] {
            let path = format!("/user/{path}/{address}");
            let refusal = world.get(&path, &ada).await.refusal(404);
            refusals.push(refusal["message"].clone());
        }
    }
    refusals.dedup();
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    assert_eq!(
        world.get("/user/byPatientId/p", &ada).await.json(),
        json!([])
    );
    let all = json!({"$type": "AllUsersFilter"});
    let found = world.post("/user/match", &ada, &all).await.json();
    assert_eq!(found, json!([ada.user_id]));
    let token = |who: &Person| {
        let who = As::from(who);
        async { world.api(Method::POST, "/user/token/u/k", who, None).await }
    };
    let eve = world.practitioner("eve@example.org").await;
    for who in [&ada, &eve] {
        token(who).await.refusal(403);
        world
            .api(Method::DELETE, "/user/u", who, None)
            .await
            .refusal(403);
    }
    let login = token(&house).await.text().to_owned();
    world.login("grace@example.org", &login).await.json();
    world
        .api(Method::DELETE, "/user/u", &house, None)
        .await
        .json();
    world.login("grace@example.org", &login).await.refusal(401);
    // The login is free again.
    world.post("/user", &house, &grace).await.json();
}

#[tokio::test]
async fn an_account_may_come_with_a_password_which_is_not_shown() {
    let (world, house, _) = practice().await;
    let mut grace = account("u", "grace@example.org", ("patientId", "p"));
    grace["passwordHash"] = json!("LetMeIn");
    let made = world.post("/user", &house, &grace).await.json();
    assert!(!made.to_string().contains("LetMeIn"), "{made}");
    world.login("grace@example.org", "LetMeIn").await.json();
    world
        .login("grace@example.org", "LetMeOut")
        .await
        .refusal(401);
    world.login(&house.login, "LetMeIn").await.refusal(401);
}

#[tokio::test]
async fn patients_are_found_by_name_birth_and_number_by_whom_they_are_shared_with() {
    let (world, house, patient) = practice().await;
    let eve = world.practitioner("eve@example.org").await;
    for filter in [
        json!({"$type": "PatientByHcPartyFilter", "healthcarePartyId": house.owner_id}),
        json!({"$type": "PatientByHcPartyNameFilter", "name": "hop"}),
        json!({"$type": "PatientByHcPartyNameContainsFuzzyFilter", "searchString": "Grace H"}),
        json!({"$type": "PatientByHcPartyDateOfBirthFilter", "dateOfBirth": 19_061_209}),
        json!({"$type": "PatientByHcPartyDateOfBirthBetweenFilter", "minDateOfBirth": 19_000_101}),
        json!({"$type": "PatientByHcPartyAndSsinFilter", "ssin": "123"}),
        json!({"$type": "PatientByIdsFilter", "ids": ["p"]}),
    ] {
        let body = json!({ "filter": filter });
        let page = world.post("/patient/filter", &house, &body).await.json();
        assert_eq!(page["rows"], json!([patient]), "{filter}");
        let page = world.post("/patient/filter", &eve, &body).await.json();
        assert_eq!(page["totalSize"], 0, "{filter}");
    }
    world.get("/patient/p", &eve).await.refusal(403);
    let delete = async |who: &Person| world.api(Method::DELETE, "/patient/p", who, None).await;
    delete(&eve).await.refusal(403);
    let gone = delete(&house).await.json();
    // Somebody who has an account is not removed by others.
    let grace = account("u", "grace@example.org", ("patientId", "p"));
    world.post("/user", &house, &grace).await.json();
    let purge = format!("/patient/purge/p?rev={}", text(&gone["rev"]));
    world
        .api(Method::DELETE, &purge, &house, None)
        .await
        .refusal(403);
}

#[tokio::test]
async fn practitioners_devices_and_codes_are_public_and_not_everybodys_to_write() {
    let (world, house, _) = practice().await;
    let ada = world.patient("ada@example.org").await;
    let other = json!({"id": "h", "firstName": "Gregory", "lastName": "Other"});
    world.post("/hcparty", &ada, &other).await.refusal(403);
    let stored = world.post("/hcparty", &house, &other).await.json();
    assert_eq!(world.get("/hcparty/h", &ada).await.json(), stored);
    let named = json!({"$type": "HealthcarePartyByNameFilter", "name": "greg"});
    let found = world.post("/hcparty/match", &ada, &named).await.json();
    assert_eq!(found, json!(["h"]));
    world.put("/hcparty", &ada, &stored).await.refusal(403);

    // Nobody passes for somebody else.
    for path in ["/device", "/patient"] {
        let same = json!({"id": house.owner_id, "publicKey": "3082"});
        world.post(path, &ada, &same).await.refusal(409);
    }
    let device = json!({"id": "d", "name": "Scale"});
    let device = world.post("/device", &ada, &device).await.json();
    assert_eq!(world.get("/device/d", &house).await.json(), device);
    world.put("/device", &house, &device).await.refusal(403);
    world.put("/device", &ada, &device).await.json();
    let batch = json!([{"id": "e"}, {"id": "f"}]);
    world.post("/device/batch", &ada, &batch).await.json();
    let all = json!({"$type": "AllDevicesFilter"});
    let found = world.post("/device/match", &house, &all).await.json();
    assert_eq!(found, json!(["d", "e", "f"]));
    let device = json!({"id": "g", "responsible": house.owner_id});
    world.post("/device", &ada, &device).await.json();
    let of_house = json!({"$type": "DeviceByHcPartyFilter", "responsibleId": house.owner_id});
    let found = world.post("/device/match", &ada, &of_house).await.json();
    assert_eq!(found, json!(["g"]));
    let owner = world.get("/dataowner/d", &house).await.json();
    assert_eq!(owner["type"], "device");

    let there = world.get("/code/IC-TEST%7CTEST%7C1", &ada).await.json();
    assert_eq!(world.get("/code/IC-TEST/TEST/1", &ada).await.json(), there);
    let several = "rest/v1/code/byIds/IC-TEST%7CTEST%7C1,%20none";
    let url = format!("{}{several}", world.simulator.api_url());
    let found = world.send(Method::GET, url, &ada, None).await.json();
    assert_eq!(found, json!([there]));
    let page = world.get("/code?type=IC-TEST&limit=1", &ada).await.json();
    assert_eq!(page["rows"], json!([there]));
    assert_eq!(page["totalSize"], 2);
    let labelled = json!({"$type": "CodeByRegionTypeLabelLanguageFilter", "type": "REHEARSE-SAMPLE", "language": "en", "label": "weight"});
    let found = world.post("/code/match", &ada, &labelled).await.json();
    assert_eq!(found, json!(["REHEARSE-SAMPLE|WEIGHT|1"]));
    for (parts, found) in [
        (json!({"code": "TEST", "version": "1"}), 1),
        (json!({"code": "TEST", "version": "2"}), 0),
        (json!({"code": "TEST"}), 1),
        (json!({"code": "WEIGHT"}), 0),
        (json!({}), 2),
    ] {
        let mut filter = json!({"$type": "CodeByRegionTypeCodeVersionFilters", "region": "be", "type": "IC-TEST"});
        filter
            .as_object_mut()
            .unwrap()
            .extend(parts.as_object().unwrap().clone());
        let codes = world.post("/code/match", &ada, &filter).await.json();
        assert_eq!(codes.as_array().unwrap().len(), found, "{parts}");
    }
    let valid = "/code/isValid?type=IC-TEST&code=TEST&version=";
    for (version, expected) in [("1", true), ("2", false)] {
        let answer = world.get(&format!("{valid}{version}"), &ada).await;
        assert_eq!(answer.json(), json!(expected));
    }
    let types = world.get("/code/codetype/byRegionType", &ada).await.json();
    assert_eq!(types, json!(["IC-TEST", "REHEARSE-SAMPLE"]));
    let code = json!({"id": "T|C|1", "type": "T", "code": "C", "version": "1"});
    world.post("/code", &ada, &code).await.refusal(403);
    world
        .post("/code", &house, &json!({"id": "T", "type": "T"}))
        .await
        .refusal(400);
    world.post("/code", &house, &code).await.json();
}

/// As the platform has it: a JWT is good until it ends, and there is no next one.
#[tokio::test]
async fn who_removes_itself_is_let_in_no_more() {
    let world = World::new().await;
    let ada = world.patient("ada@example.org").await;
    let token = world.token(&ada, "key", 3600).await;
    let session = world.login(&ada.login, &token).await.json();
    let refresh = text(&session["refreshToken"]);
    assert_eq!(world.refresh(&refresh).await.status, 200);
    let path = format!("/user/{}", ada.user_id);
    world.api(Method::DELETE, &path, &ada, None).await.json();
    world.login(&ada.login, &token).await.refusal(401);
    world.get("/user/current", &ada).await.refusal(401);
    world.refresh(&refresh).await.refusal(401);
    let jwt = As::Bearer(text(&session["token"]));
    world.get("/user/current", &jwt).await.refusal(404);
    let again = world.patient("ada@example.org").await;
    assert_ne!(again.user_id, ada.user_id);
}

#[tokio::test]
async fn codes_that_are_missing_are_stored_again_by_their_type() {
    let world = World::new().await;
    let house = world.practitioner("house@example.org").await;
    let ada = world.patient("ada@example.org").await;
    let import = async |who: &Person, kind: &str| {
        let path = format!("/code/{kind}");
        world.api(Method::POST, &path, who, None).await
    };
    import(&ada, "IC-TEST").await.refusal(403);
    for kind in ["IC-TEST", "OF-NOBODY"] {
        assert_eq!(import(&house, kind).await.text(), "");
    }
    let page = world.get("/code?type=IC-TEST", &house).await.json();
    assert_eq!(page["totalSize"], 2);
}

#[tokio::test]
async fn exchange_keys_of_both_sides_are_sealed_anew_by_either() {
    let (world, ada, eve) = World::of_two().await;
    let house = world.practitioner("house@example.org").await;
    let stub = async |of: &Person| {
        let path = format!("/dataowner/stub/{}", of.owner_id);
        world.get(&path, &house).await.json()
    };
    let keys = |of: &Person, key: &str| json!({"k": {of.owner_id.clone(): {"f": key}}});
    let mut own = stub(&ada).await;
    own["stub"]["aesExchangeKeys"] = keys(&house, "1");
    own["stub"]["publicKey"] = json!("3082");
    world.put("/dataowner/stub", &ada, &own).await.json();
    let mut theirs = stub(&ada).await;
    theirs["stub"]["aesExchangeKeys"] = keys(&house, "2");
    world
        .put("/dataowner/stub", &eve, &theirs)
        .await
        .refusal(403);
    let mut wrong = theirs.clone();
    wrong["stub"]["publicKey"] = json!("3083");
    world
        .put("/dataowner/stub", &house, &wrong)
        .await
        .refusal(403);
    world.put("/dataowner/stub", &house, &theirs).await.json();
    let after = stub(&ada).await;
    assert_eq!(
        after["stub"]["aesExchangeKeys"],
        theirs["stub"]["aesExchangeKeys"]
    );
    assert_eq!(after["stub"]["publicKey"], "3082");
    // And those of the practitioner by the patient.
    let mut own = stub(&house).await;
    own["stub"]["aesExchangeKeys"] = keys(&ada, "3");
    world.put("/dataowner/stub", &ada, &own).await.refusal(403);
    world.put("/dataowner/stub", &house, &own).await.json();
    let mut theirs = stub(&house).await;
    theirs["stub"]["aesExchangeKeys"] = keys(&ada, "4");
    world.put("/dataowner/stub", &ada, &theirs).await.json();
}
