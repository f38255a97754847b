//! The table of operations: what can be asked, with what, and what is answered.

use stele_api::path::{Template, native as path};

/// Something that can be asked.
pub(super) struct Operation {
    pub method: &'static str,
    pub path: Template,
    pub id: &'static str,
    pub summary: &'static str,
    pub parameters: &'static [Parameter],
    pub body: Option<Body>,
    pub answers: &'static [Answer],
}

/// A value beside the body.
pub(super) struct Parameter {
    pub name: &'static str,
    pub place: Place,
    pub required: bool,
    pub schema: &'static str,
    pub summary: &'static str,
}

/// Where a value stands.
pub(super) enum Place {
    Path,
    Query,
    Header,
}

/// What is sent.
pub(super) struct Body {
    pub media_types: &'static [&'static str],
    pub schema: &'static str,
    pub required: bool,
}

/// What is answered where all is well.
pub(super) struct Answer {
    pub status: u16,
    pub schema: &'static str,
    pub media_types: &'static [&'static str],
    pub summary: &'static str,
}

const JSON: &[&str] = &["application/json"];

const fn query(name: &'static str, schema: &'static str, summary: &'static str) -> Parameter {
    Parameter { name, place: Place::Query, required: false, schema, summary }
}

const fn required(name: &'static str, schema: &'static str, summary: &'static str) -> Parameter {
    Parameter { name, place: Place::Query, required: true, schema, summary }
}

const fn json(schema: &'static str) -> Body {
    Body { media_types: JSON, schema, required: true }
}

const fn ok(schema: &'static str, summary: &'static str) -> Answer {
    Answer { status: 200, schema, media_types: JSON, summary }
}

const fn created(schema: &'static str, summary: &'static str) -> Answer {
    Answer { status: 201, schema, media_types: JSON, summary }
}

const WHY: Parameter = query("why", "text", "Why this is asked; stands in the log");
const OFFSET: Parameter = query("offset", "count", "How many to leave out");
const LIMIT: Parameter = query("limit", "integer", "How many to answer at most");
const FROM: Parameter =
    query("from", "selector", "The one end; the version before `to` where absent");
const TO: Parameter = query("to", "selector", "The other end; the newest where absent");

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        method: "GET",
        path: path::LIVE,
        id: "live",
        summary: "Whether the process lives",
        parameters: &[],
        body: None,
        answers: &[ok("Status", "It does")],
    },
    Operation {
        method: "GET",
        path: path::READY,
        id: "ready",
        summary: "Whether it serves",
        parameters: &[],
        body: None,
        answers: &[ok("Status", "It does")],
    },
    Operation {
        method: "GET",
        path: path::METRICS,
        id: "metrics",
        summary: "What is measured",
        parameters: &[],
        body: None,
        answers: &[Answer {
            status: 200,
            schema: "Text",
            media_types: &["application/openmetrics-text"],
            summary: "As OpenMetrics has it",
        }],
    },
    Operation {
        method: "GET",
        path: path::OPENAPI,
        id: "openapi",
        summary: "This description",
        parameters: &[],
        body: None,
        answers: &[ok("Anything", "OpenAPI 3.1")],
    },
    Operation {
        method: "GET",
        path: path::DOCS,
        id: "docs",
        summary: "This description, for people",
        parameters: &[],
        body: None,
        answers: &[Answer {
            status: 200,
            schema: "Text",
            media_types: &["text/html"],
            summary: "A page",
        }],
    },
    Operation {
        method: "POST",
        path: path::CHECK,
        id: "check",
        summary: "Compare two schemas, without any subject",
        parameters: &[],
        body: Some(json("CheckRequest")),
        answers: &[ok("CheckAnswer", "The verdict, with its evidence")],
    },
    Operation {
        method: "GET",
        path: path::SUBJECTS,
        id: "subjects",
        summary: "List subjects",
        parameters: &[
            query("prefix", "text", "What their names begin with"),
            query("context", "context", "The context they are in"),
            query("kind", "Kind", "What their messages are"),
            query("tag", "text", "A tag they have"),
            query("owner", "text", "Who answers for them"),
            OFFSET,
            LIMIT,
        ],
        body: None,
        answers: &[ok("SubjectSummaries", "In order of their names")],
    },
    Operation {
        method: "GET",
        path: path::SUBJECT,
        id: "subject",
        summary: "What is known of a subject",
        parameters: &[],
        body: None,
        answers: &[ok("SubjectResource", "The subject")],
    },
    Operation {
        method: "PUT",
        path: path::SUBJECT,
        id: "describe",
        summary: "Say what a subject is; a policy needs the role `admin`",
        parameters: &[WHY],
        body: Some(json("SubjectUpdate")),
        answers: &[ok("SubjectResource", "The subject as it is now")],
    },
    Operation {
        method: "POST",
        path: path::SUBJECT_CHECK,
        id: "checkSubject",
        summary: "Say what would become of a candidate",
        parameters: &[],
        body: Some(json("SubjectCheckRequest")),
        answers: &[ok(
            "SubjectCheckAnswer",
            "The verdict against every version that the level names",
        )],
    },
    Operation {
        method: "POST",
        path: path::RESTORE,
        id: "restore",
        summary: "Take soft-deleted versions back",
        parameters: &[WHY],
        body: Some(Body { media_types: JSON, schema: "RestoreRequest", required: false }),
        answers: &[ok("SubjectResource", "The subject as it is now")],
    },
    Operation {
        method: "GET",
        path: path::VERSIONS,
        id: "versions",
        summary: "List the versions of a subject",
        parameters: &[OFFSET, LIMIT],
        body: None,
        answers: &[ok("VersionSummaries", "Oldest first")],
    },
    Operation {
        method: "POST",
        path: path::VERSIONS,
        id: "register",
        summary: "Register a version, together with its lens",
        parameters: &[
            query(
                "allowUndecided",
                "flag",
                "Let through what could not be decided; `admin`, with `why`",
            ),
            query("force", "flag", "Let through what breaks; `admin`, with `why`"),
            WHY,
        ],
        body: Some(json("RegisterRequest")),
        answers: &[
            ok("VersionResource", "It was there"),
            created("VersionResource", "It was made"),
        ],
    },
    Operation {
        method: "GET",
        path: path::VERSION,
        id: "version",
        summary: "Get a version: by number, release, range, or the latest",
        parameters: &[query("deleted", "flag", "Whether soft-deleted ones count")],
        body: None,
        answers: &[ok("VersionResource", "The version")],
    },
    Operation {
        method: "GET",
        path: path::DIFF,
        id: "diff",
        summary: "Say what changed between two versions",
        parameters: &[FROM, TO],
        body: None,
        answers: &[ok("Diff", "The differences")],
    },
    Operation {
        method: "GET",
        path: path::LENS,
        id: "lens",
        summary: "Get the lens of an edge",
        parameters: &[],
        body: None,
        answers: &[ok("LensResource", "The lens, with what its check found")],
    },
    Operation {
        method: "PUT",
        path: path::LENS,
        id: "putLens",
        summary: "Put a lens on an edge; it is checked first",
        parameters: &[WHY],
        body: Some(Body {
            media_types: &["application/json", "application/yaml"],
            schema: "Lens",
            required: true,
        }),
        answers: &[ok("LensResource", "It was there"), created("LensResource", "It was put there")],
    },
    Operation {
        method: "GET",
        path: path::PLAN,
        id: "plan",
        summary: "Get the way from one version to another",
        parameters: &[],
        body: None,
        answers: &[ok("PlanResource", "The plan")],
    },
    Operation {
        method: "POST",
        path: path::TRANSLATE,
        id: "translate",
        summary: "Carry one event from one version to another",
        parameters: &[required("from", "selector", "The version of the event"), TO],
        body: Some(json("Anything")),
        answers: &[ok("Translated", "The event as it crossed")],
    },
    Operation {
        method: "GET",
        path: path::SEARCH,
        id: "search",
        summary: "Find subjects by names, tags, owners, descriptions and property names",
        parameters: &[required("q", "words", "Words that all must occur"), OFFSET, LIMIT],
        body: None,
        answers: &[ok("Found", "The best first")],
    },
    Operation {
        method: "GET",
        path: path::CHANGES,
        id: "changes",
        summary: "What happened after a place: at once, within a while, or as a stream that goes on",
        parameters: &[
            query("after", "count", "The sequence number of the last change known"),
            query("wait", "wait", "How many seconds to wait for something to happen"),
            LIMIT,
            Parameter {
                name: "Last-Event-ID",
                place: Place::Header,
                required: false,
                schema: "count",
                summary: "Takes the place of `after` in a stream",
            },
        ],
        body: None,
        answers: &[Answer {
            status: 200,
            schema: "Changes",
            media_types: &["application/json", "text/event-stream"],
            summary: "In order; as a stream, one event for each change",
        }],
    },
    Operation {
        method: "GET",
        path: path::WEBHOOKS,
        id: "webhooks",
        summary: "List webhooks and how they are doing",
        parameters: &[],
        body: None,
        answers: &[ok("WebhookResources", "In order of their names")],
    },
    Operation {
        method: "GET",
        path: path::WEBHOOK,
        id: "webhook",
        summary: "How a webhook is doing",
        parameters: &[],
        body: None,
        answers: &[ok("WebhookResource", "The webhook")],
    },
    Operation {
        method: "PUT",
        path: path::WEBHOOK,
        id: "setWebhook",
        summary: "Set a webhook, or bring a dead one back",
        parameters: &[WHY],
        body: Some(json("WebhookRequest")),
        answers: &[
            ok("WebhookResource", "It was there"),
            created("WebhookResource", "It was made"),
        ],
    },
    Operation {
        method: "DELETE",
        path: path::WEBHOOK,
        id: "removeWebhook",
        summary: "Tell a webhook no longer",
        parameters: &[WHY],
        body: None,
        answers: &[Answer { status: 204, schema: "", media_types: &[], summary: "It is gone" }],
    },
    Operation {
        method: "GET",
        path: path::EXPORT,
        id: "export",
        summary: "The whole log, line by line",
        parameters: &[],
        body: None,
        answers: &[Answer {
            status: 200,
            schema: "Text",
            media_types: &["application/x-ndjson"],
            summary: "First how many events follow, then each",
        }],
    },
    Operation {
        method: "POST",
        path: path::IMPORT,
        id: "import",
        summary: "Take a whole log into an empty registry",
        parameters: &[],
        body: Some(Body { media_types: &["application/x-ndjson"], schema: "Text", required: true }),
        answers: &[ok("Imported", "All of it is there")],
    },
    Operation {
        method: "GET",
        path: path::BACKUP,
        id: "backup",
        summary: "The file of the log, while the registry runs",
        parameters: &[],
        body: None,
        answers: &[Answer {
            status: 200,
            schema: "Bytes",
            media_types: &["application/vnd.sqlite3"],
            summary: "An SQLite database",
        }],
    },
];
