//! Who comes in, who may do what, and how that is told in both faces.

use std::path::Path;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::{Method, RequestBuilder};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};
use stele_registry::{Config, StartError, access::mint, serve};

use super::server::{Answer, Server, answer, register};

/// A registry, and a token for each of these.
pub async fn guarded(
    grants: &[(&str, &str)],
    change: impl FnOnce(&mut Config),
) -> (Server, Vec<String>) {
    let directory = tempfile::tempdir().unwrap();
    let (mut lines, mut tokens) = (String::new(), Vec::new());
    for (name, grants) in grants {
        let grants: Vec<_> = grants.split(',').map(|grant| grant.parse().unwrap()).collect();
        let minted = mint(name, &grants).unwrap();
        lines.push_str(&minted.line);
        lines.push('\n');
        tokens.push(minted.token);
    }
    let file = directory.path().join("tokens");
    std::fs::write(&file, lines).unwrap();
    let server = Server::start_with(directory, |config| {
        config.tokens = Some(file);
        change(config);
    });
    (server.await, tokens)
}

async fn sent(request: RequestBuilder, token: &str, body: &Value) -> Answer {
    answer(request.bearer_auth(token).json(body).send().await.unwrap()).await
}

async fn asked(server: &Server, token: &str, method: Method, path: &str, body: &Value) -> u16 {
    sent(server.client().request(method, server.url(path)), token, body).await.status
}

#[tokio::test]
async fn nobody_comes_in_without_a_token_that_is_known() {
    let (server, tokens) = guarded(&[("ada", "reader@*")], |_| {}).await;
    let get = |path: &str| server.client().get(server.url(path));

    let native = answer(get("/v1/subjects").send().await.unwrap()).await;
    let dialect = get("/subjects").send().await.unwrap();

    assert_eq!((native.status, &native.body["code"]), (401, &json!("unauthenticated")));
    let challenge = dialect.headers()["www-authenticate"].to_str().unwrap().to_owned();
    assert!(challenge.contains("Basic"), "{challenge}");
    assert_eq!(answer(dialect).await.body["error_code"], 401);
    for bad in ["", "stele_x", &tokens[0].to_uppercase()] {
        assert_eq!(get("/subjects").bearer_auth(bad).send().await.unwrap().status(), 401, "{bad}");
    }
    let wrong_name = get("/subjects").basic_auth("eve", Some(&tokens[0]));
    assert_eq!(wrong_name.send().await.unwrap().status(), 401);
    let digest = get("/subjects").header("authorization", "Digest x");
    assert_eq!(digest.send().await.unwrap().status(), 401);
    // As `basic.auth.user.info` and `bearer.auth.token` of real clients have it.
    let basic = get("/subjects").basic_auth("ada", Some(&tokens[0])).send().await.unwrap();
    let bearer = get("/subjects").bearer_auth(&tokens[0]).send().await.unwrap();
    assert_eq!((basic.status().as_u16(), bearer.status().as_u16()), (200, 200));
    for open in ["/livez", "/readyz", "/"] {
        assert_eq!(get(open).send().await.unwrap().status(), 200, "{open}");
    }
}

#[tokio::test]
async fn a_role_reaches_as_far_as_its_contexts() {
    let people =
        [("root", "admin@*"), ("ann", "writer@.orders,reader@."), ("bob", "reader@.orders*")];
    let (server, tokens) = guarded(&people, |_| {}).await;
    let [root, ann, bob] = &tokens[..] else { panic!() };
    let (schema, about) = (register(&json!({"type": "object"})), json!({"owner": "x"}));
    let orders = "/subjects/:.orders:Placed/versions";
    let native = "/v1/subjects/:.orders:Placed";
    let loose = json!({"compatibility": "NONE"});

    for (who, method, path, body, status) in [
        (ann, Method::POST, orders, &schema, 200),
        (ann, Method::POST, "/subjects/Placed/versions", &schema, 403),
        (ann, Method::POST, "/subjects/:.orders-eu:Placed/versions", &schema, 403),
        (ann, Method::PUT, native, &about, 200),
        (ann, Method::PUT, native, &json!({"policy": loose}), 403),
        (ann, Method::PUT, "/config/:.orders:Placed", &loose, 403),
        (ann, Method::PUT, "/config", &loose, 403),
        (ann, Method::POST, "/subjects/:.orders:Placed/versions?force=true", &schema, 403),
        (bob, Method::POST, orders, &schema, 403),
        (bob, Method::POST, "/subjects/:.orders:Placed", &schema, 200),
        (bob, Method::POST, "/compatibility/subjects/:.orders:Placed/versions", &schema, 200),
        (bob, Method::PUT, native, &about, 403),
        (bob, Method::GET, native, &Value::Null, 200),
        (bob, Method::GET, "/v1/subjects/Other", &Value::Null, 403),
        (bob, Method::GET, "/schemas/ids/1", &Value::Null, 403),
        (bob, Method::GET, "/schemas/ids/1?subject=:.orders:Placed", &Value::Null, 200),
        (bob, Method::GET, "/nothing/here", &Value::Null, 404),
        (ann, Method::POST, "/contexts/.orders/subjects/Placed/versions", &schema, 200),
        (ann, Method::POST, "/contexts/.orders/subjects/Placed/versions?force=true", &schema, 403),
        (ann, Method::POST, "/contexts/.orders/subjects/:.hr:Salary/versions", &schema, 403),
        (bob, Method::GET, "/contexts/.orders/subjects/Placed/versions/1", &Value::Null, 200),
        (bob, Method::GET, "/contexts/.hr/subjects/Placed/versions/1", &Value::Null, 403),
        (
            bob,
            Method::GET,
            "/contexts/.orders/schemas/ids/1?subject=:.hr:Salary",
            &Value::Null,
            403,
        ),
        (bob, Method::DELETE, "/contexts/.orders/subjects/Placed", &Value::Null, 403),
        (ann, Method::DELETE, "/contexts/.orders", &Value::Null, 403),
        (bob, Method::GET, "/v1/metadata/id", &Value::Null, 200),
        (root, Method::PUT, native, &json!({"policy": loose}), 200),
        (root, Method::PUT, "/config", &loose, 200),
    ] {
        let found = asked(&server, who, method.clone(), path, body).await;
        assert_eq!(found, status, "{method} {path}");
    }
    for (who, path, status) in [
        (bob, "/contexts/.orders/subjects", 200),
        (bob, "/contexts/.orders/subjects/Placed/versions", 200),
        (bob, "/contexts/.orders/schemas/ids/1", 200),
        (bob, "/contexts/.hr/subjects/Salary/versions", 403),
        (bob, "/contexts/.orders/subjects/:.hr:Salary/versions", 403),
        (bob, "/contexts/.orders/schemas/ids/1?subject=:.hr:Salary", 403),
        (ann, "/contexts/.orders/subjects/Placed/versions/latest", 200),
    ] {
        assert_eq!(asked(&server, who, Method::GET, path, &Value::Null).await, status, "{path}");
    }
    let nobody = server.client().get(server.url("/contexts/.orders/subjects"));
    assert_eq!(nobody.send().await.unwrap().status(), 401);
    let refused = sent(server.client().put(server.url(native)), bob, &about).await;
    assert_eq!(refused.body["code"], "forbidden");
    assert_eq!(
        refused.body["detail"],
        "`bob` does not have the role `writer` in the context `.orders`"
    );
}

#[tokio::test]
async fn what_somebody_may_not_see_is_in_no_list_no_search_and_no_feed() {
    let people = [("root", "admin@*"), ("bob", "reader@.orders")];
    let (server, tokens) = guarded(&people, |_| {}).await;
    let put = |subject: &str| {
        server.client().put(server.url(&format!("/v1/subjects/{subject}?why=a+test")))
    };
    for subject in [":.orders:Placed", "Secret", ":.hr:Salary", ":.orders:Paid"] {
        assert_eq!(sent(put(subject), &tokens[0], &json!({"owner": "ada"})).await.status, 200);
    }
    let get = async |token: &str, path: &str| {
        answer(server.client().get(server.url(path)).bearer_auth(token).send().await.unwrap())
            .await
            .body
    };
    let names = |list: &Value| {
        let all = list.as_array().unwrap().iter();
        all.map(|one| one["subject"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };

    let seen = get(&tokens[1], "/v1/changes").await;
    let all = get(&tokens[0], "/v1/changes").await;

    let orders = [":.orders:Paid", ":.orders:Placed"];
    assert_eq!(names(&get(&tokens[1], "/v1/subjects").await), orders);
    assert_eq!(names(&get(&tokens[1], "/v1/search?q=ada").await["hits"]), orders);
    assert_eq!(names(&seen["changes"]), [":.orders:Placed", ":.orders:Paid"]);
    assert_eq!((&seen["next"], seen["changes"][0].get("who")), (&json!(4), None));
    assert_eq!(all["changes"].as_array().unwrap().len(), 4);
    let schema = register(&json!({"type": "object"}));
    for subject in [":.orders:Placed", ":.hr:Salary"] {
        let path = format!("/subjects/{subject}/versions");
        assert_eq!(asked(&server, &tokens[0], Method::POST, &path, &schema).await, 200);
    }
    assert_eq!(get(&tokens[1], "/subjects").await, json!([":.orders:Placed"]));
    assert_eq!(get(&tokens[1], "/schemas").await.as_array().unwrap().len(), 1);
    assert_eq!(get(&tokens[1], "/contexts").await, json!([".orders"]));
    assert_eq!(
        (&all["changes"][0]["who"], &all["changes"][0]["why"]),
        (&json!("root"), &json!("a test"))
    );
    let schema = register(&json!({"type": "object"}));
    for subject in [":.orders:Placed", "Secret", ":.hr:Salary"] {
        let post = server.client().post(server.url(&format!("/subjects/{subject}/versions")));
        assert_eq!(sent(post, &tokens[0], &schema).await.status, 200);
    }
    assert_eq!(get(&tokens[1], "/subjects").await, json!([":.orders:Placed"]));
    assert_eq!(get(&tokens[1], "/subjects?subjectPrefix=:.hr:").await, json!([]));
    assert_eq!(names(&get(&tokens[1], "/schemas").await), [":.orders:Placed"]);
    assert_eq!(get(&tokens[1], "/contexts").await, json!([".orders"]));
}

#[tokio::test]
async fn a_rule_is_loosened_by_an_admin_with_a_reason_that_stands_in_the_log() {
    let (server, tokens) = guarded(&[("root", "admin@*"), ("ann", "writer@*")], |_| {}).await;
    let [root, ann] = &tokens[..] else { panic!() };
    let put = async |token: &str, query: &str, schema: Value| {
        let url = server.url(&format!("/v1/subjects/a/versions{query}"));
        sent(server.client().post(url), token, &json!({"schema": schema})).await
    };
    let schema = |text: &str, b: &str| json!({"properties": {"a": {"type": "string", "pattern": text}, "b": {"type": b}}});
    let pattern = |text: &str| schema(text, "string");
    let backward = server.client().put(server.url("/v1/subjects/a"));
    let level = json!({"policy": {"compatibility": "BACKWARD"}});
    assert_eq!(sent(backward, root, &level).await.status, 200);
    assert_eq!(put(ann, "", pattern("^(?=x)[a-z]{3}(?<!q)$")).await.status, 201);
    let undecided = pattern("^(?=x)[a-z]{3}(?<!qq)(?<!q)$");
    let plain = put(ann, "", undecided.clone()).await;
    assert_eq!((plain.status, &plain.body["code"]), (409, &json!("undecided")), "{plain:?}");

    let by_ann = put(ann, "?allowUndecided=true&why=known", undecided.clone()).await;
    let without_why = put(root, "?allowUndecided=true", undecided.clone()).await;
    let breaking =
        put(root, "?allowUndecided=true&why=known", schema("^(?=x)[a-z]{3}(?<!q)$", "integer"))
            .await;
    let let_through = put(root, "?allowUndecided=true&why=known+to+fit", undecided).await;
    let forced =
        put(root, "?force=true&why=a+mistake", schema("^(?=x)[a-z]{3}(?<!q)$", "integer")).await;

    assert_eq!((by_ann.status, without_why.status, breaking.status), (403, 400, 409));
    assert_eq!((let_through.status, forced.status), (201, 201), "{let_through:?} {forced:?}");
    let feed = server.client().get(server.url("/v1/changes")).bearer_auth(root);
    let feed = answer(feed.send().await.unwrap()).await.body;
    let forced =
        feed["changes"].as_array().unwrap().iter().filter(|one| one["data"]["forced"] == true);
    let said: Vec<_> = forced.map(|one| (one["who"].clone(), one["why"].clone())).collect();
    let root = |why: &str| (json!("root"), json!(why));
    assert_eq!(said, [root("known to fit"), root("a mistake")]);
}

#[tokio::test]
async fn whoever_asks_too_often_is_told_when_to_come_back() {
    let people = [("ada", "reader@*"), ("bob", "reader@*")];
    let (server, tokens) = guarded(&people, |config| config.rate_limit = 5).await;
    let get =
        |token: &str| server.client().get(server.url("/v1/subjects")).bearer_auth(token).send();

    let mut refused = None;
    for _ in 0..30 {
        let response = get(&tokens[0]).await.unwrap();
        if response.status() == 429 {
            refused = Some(response);
            break;
        }
    }

    let refused = refused.unwrap();
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(answer(refused).await.body["code"], "rate_limited");
    assert_eq!(get(&tokens[1]).await.unwrap().status(), 200, "the others are not held up");
}

#[tokio::test]
async fn an_address_that_others_reach_is_not_served_to_everybody() {
    let directory = tempfile::tempdir().unwrap();
    let start = async |change: &dyn Fn(&mut Config)| {
        let mut config = Config::local(directory.path());
        config.listen = "0.0.0.0:0".parse().unwrap();
        change(&mut config);
        serve(config).await
    };
    let tokens = directory.path().join("tokens");
    std::fs::write(&tokens, mint("ada", &["admin@*".parse().unwrap()]).unwrap().line).unwrap();

    let exposed = start(&|_| {}).await.map(drop).unwrap_err();
    let half = start(&|config| config.jwks = Some("keys.json".into())).await.map(drop).unwrap_err();
    let guarded = start(&|config| config.tokens = Some(tokens.clone())).await.unwrap();

    assert!(matches!(exposed, StartError::Exposed(_)));
    assert!(matches!(half, StartError::Config(_)));
    guarded.shutdown().await;
    let insecure = start(&|config| config.insecure = true).await.unwrap();
    insecure.shutdown().await;
}

#[tokio::test]
async fn a_token_that_is_taken_out_of_the_file_comes_in_no_more() {
    let (server, tokens) = guarded(&[("ada", "reader@*"), ("bob", "reader@*")], |_| {}).await;
    let file = server.directory().join("tokens");
    let get = async |token: &str| {
        server
            .client()
            .get(server.url("/subjects"))
            .bearer_auth(token)
            .send()
            .await
            .unwrap()
            .status()
    };
    assert_eq!(get(&tokens[0]).await, 200);

    without_line(&file, "ada");
    let mut status = get(&tokens[0]).await;
    for _ in 0..200 {
        if status == 401 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        status = get(&tokens[0]).await;
    }

    assert_eq!((status.as_u16(), get(&tokens[1]).await.as_u16()), (401, 200));
}

pub fn without_line(file: &Path, name: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    let rest: Vec<&str> = text.lines().filter(|line| !line.starts_with(name)).collect();
    std::fs::write(file, rest.join("\n")).unwrap();
}

#[tokio::test]
async fn a_token_of_an_issuer_is_held_to_the_keys_at_its_address_over_tls() {
    let directory = tempfile::tempdir().unwrap();
    let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (cert, key) = (directory.path().join("cert.pem"), directory.path().join("key.pem"));
    std::fs::write(&cert, own.cert.pem()).unwrap();
    std::fs::write(&key, own.signing_key.serialize_pem()).unwrap();
    let issuer = Issuer::start().await;
    let server = Server::start_with(directory, |config| {
        config.jwks = Some(issuer.address.clone());
        config.jwt_issuer = Some("https://id".into());
        config.jwt_audience = Some("stele".into());
        (config.tls_cert, config.tls_key) = (Some(cert), Some(key));
    });
    let server = server.await;
    let certificate = reqwest::Certificate::from_pem(own.cert.pem().as_bytes()).unwrap();
    let client = reqwest::Client::builder().tls_certs_only([certificate]).build().unwrap();
    let port = server.url("").rsplit(':').next().unwrap().to_owned();
    let put = async |token: &str, subject: &str| {
        let url = format!("https://localhost:{port}/v1/subjects/{subject}");
        let request = client.put(url).bearer_auth(token).json(&json!({"owner": "x"}));
        let response = request.send().await.unwrap();
        (response.version(), response.status().as_u16())
    };

    let good = issuer.token("stele", "writer@.orders");
    let (version, status) = put(&good, ":.orders:Placed").await;

    assert_eq!((version, status), (reqwest::Version::HTTP_2, 200));
    assert_eq!(put(&good, "Placed").await.1, 403);
    assert_eq!(put(&issuer.token("others", "writer@.orders"), ":.orders:Placed").await.1, 401);
    assert_eq!(put("stele_x", ":.orders:Placed").await.1, 401);
    let plain = client.get(format!("http://localhost:{port}/livez")).send().await;
    assert!(plain.is_err(), "nothing is answered in the clear");
}

/// Somebody who signs tokens, and whose keys are at an address.
struct Issuer {
    address: String,
    pair: EcdsaKeyPair,
}

impl Issuer {
    async fn start() -> Issuer {
        let (random, with) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let document = EcdsaKeyPair::generate_pkcs8(with, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(with, document.as_ref(), &random).unwrap();
        let point = pair.public_key().as_ref();
        let set = json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "one",
            "x": encoded(&point[1..33]), "y": encoded(&point[33..])}]});
        let router = axum::Router::new()
            .route("/keys", axum::routing::get(move || async move { set.to_string() }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/keys", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, router).into_future());
        Issuer { address, pair }
    }

    fn token(&self, audience: &str, grant: &str) -> String {
        let end = jiff::Timestamp::now().as_second() + 60;
        let claims = json!({"iss": "https://id", "aud": audience, "sub": "ada", "exp": end,
            "stele": [grant]});
        let header = json!({"alg": "ES256", "kid": "one"});
        let message = format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()));
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", encoded(signature))
    }
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

#[tokio::test]
async fn what_is_said_twice_opens_no_door() {
    let people = [("root", "admin@*"), ("ann", "writer@.orders"), ("bob", "reader@.orders")];
    let (server, tokens) = guarded(&people, |_| {}).await;
    let [root, ann, bob] = &tokens[..] else { panic!() };
    let text = register(&json!({"properties": {"a": {"type": "string"}}}));
    let number = register(&json!({"properties": {"a": {"type": "integer"}}}));
    for subject in [":.orders:O", ":.secret:S", "Plain"] {
        let path = format!("/subjects/{subject}/versions");
        assert_eq!(asked(&server, root, Method::POST, &path, &text).await, 200);
    }
    let orders = "/subjects/:.orders:O";

    for (who, method, path, status) in [
        (ann, Method::POST, format!("{orders}/versions?force=false&force=true"), 403),
        (ann, Method::POST, format!("{orders}/versions?force=true&force=false"), 403),
        (ann, Method::DELETE, format!("{orders}?permanent=false&permanent=true"), 403),
        (bob, Method::GET, "/schemas/ids/1?subject=:.orders:O&subject=:.secret:".to_owned(), 403),
        (bob, Method::GET, "/schemas/ids/1?subject=".to_owned(), 403),
        (bob, Method::GET, "/schemas/ids/1?subject=:.secret:..".to_owned(), 403),
        (bob, Method::GET, "/contexts/.secret/schemas/ids/1?%73ubject=:.orders:O".to_owned(), 200),
        (bob, Method::GET, "/schemas/ids/1?subject=:.orders:O".to_owned(), 200),
    ] {
        let found = asked(&server, who, method.clone(), &path, &number).await;
        assert_eq!(found, status, "{method} {path}");
    }
    let path = "/contexts/.secret/schemas/ids/1/subjects?%73ubject=:.orders:O";
    let seen = sent(server.client().get(server.url(path)), bob, &Value::Null).await;
    assert_eq!(seen.body, json!([":.orders:O"]), "what is answered is what was asked for");
}

#[tokio::test]
async fn a_reference_leads_only_to_what_may_be_seen() {
    let people = [("root", "admin@*"), ("ann", "writer@.orders")];
    let (server, tokens) = guarded(&people, |_| {}).await;
    let [root, ann] = &tokens[..] else { panic!() };
    for subject in [":.secret:S", "Plain"] {
        let body = register(&json!({"const": "hunter2"}));
        let path = format!("/subjects/{subject}/versions");
        assert_eq!(asked(&server, root, Method::POST, &path, &body).await, 200);
    }

    for subject in [":.secret:S", "Plain"] {
        let mut body = register(&json!({"$ref": "s.json"}));
        body["references"] = json!([{"name": "s.json", "subject": subject, "version": 1}]);
        let native = json!({"schema": {"$ref": "s.json"}, "references": body["references"]});
        for (path, body) in [
            ("/subjects/:.orders:O/versions", &body),
            ("/compatibility/subjects/:.orders:O/versions", &body),
            ("/v1/subjects/:.orders:O/versions", &native),
            ("/v1/subjects/:.orders:O/check", &native),
        ] {
            let refused = sent(server.client().post(server.url(path)), ann, body).await;

            assert_eq!(refused.status, 422, "{path} {subject}");
            assert!(refused.text.contains("which is not there"), "{}", refused.text);
        }
        let path = server.url("/subjects/:.orders:O/versions");
        let taken = sent(server.client().post(path), root, &body).await;
        assert_eq!(taken.status, 200, "{}", taken.text);
    }
}

#[tokio::test]
async fn a_writer_changes_no_kind_under_versions() {
    let people = [("root", "admin@*"), ("ann", "writer@.orders")];
    let (server, tokens) = guarded(&people, |_| {}).await;
    let [root, ann] = &tokens[..] else { panic!() };
    let subject = "/v1/subjects/:.orders:O";
    let kind = |kind: &str| json!({"kind": kind});
    let version = |kind: &str| json!({"schema": {"type": "object"}, "kind": kind});
    let versions = format!("{subject}/versions");

    for (who, method, path, body, status) in [
        (ann, Method::PUT, subject, kind("command"), 200),
        (ann, Method::POST, &versions, version("event"), 201),
        (ann, Method::PUT, subject, kind("command"), 403),
        (ann, Method::POST, &versions, version("command"), 403),
        (ann, Method::PUT, subject, kind("event"), 200),
        (root, Method::PUT, subject, kind("command"), 200),
    ] {
        let found = asked(&server, who, method.clone(), path, &body).await;
        assert_eq!(found, status, "{method} {path} {body}");
    }
}

#[tokio::test]
async fn only_an_admin_is_told_where_a_webhook_leads() {
    let people = [("root", "admin@*"), ("ann", "reader@*")];
    let (server, tokens) = guarded(&people, |config| config.webhook_allow_private = true).await;
    let [root, ann] = &tokens[..] else { panic!() };
    let hook = json!({"url": "http://127.0.0.1:9/T0KEN", "secret": "0123456789abcdef"});
    assert_eq!(asked(&server, root, Method::PUT, "/v1/webhooks/w", &hook).await, 201);

    let told = |token| sent(server.client().get(server.url("/v1/changes")), token, &Value::Null);

    assert!(told(root).await.text.contains("T0KEN"));
    assert!(!told(ann).await.text.contains("T0KEN"));
}
