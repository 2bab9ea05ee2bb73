//! 对话:一条连接上的许多问答,给的字节怎样切开都一样。
#![allow(clippy::unwrap_used, clippy::expect_used)]
// 程序没有库,所以直接用它的源文件;用到的只是其中几个。
#![allow(dead_code, unused_imports)]

#[path = "../src/body.rs"]
mod body;
#[path = "../src/clock.rs"]
mod clock;
#[path = "../src/dialogue/mod.rs"]
mod dialogue;
#[path = "../src/limits.rs"]
mod limits;
#[path = "../src/request/mod.rs"]
mod request;
#[path = "../src/response.rs"]
mod response;
#[path = "../src/status.rs"]
mod status;
mod support;

use clock::Clock;
use dialogue::{Answer, Dialogue, Step, Waiting};
use status::Status;
use support::{BODY, Echo, Heard, converse};

/// 怎样切开都一样的对话。
fn talk(input: &str) -> (Heard, Echo) {
    let dialogue = || Dialogue::new(true, 10, BODY);
    let (whole, echo) = converse(dialogue(), input.as_bytes(), &[input.len()]);
    for step in 1..10 {
        let (split, _) = converse(dialogue(), input.as_bytes(), &[step]);
        assert_eq!(split, whole, "每次 {step} 个字节:{input:?}");
    }
    (whole, echo)
}

fn heard(input: &str) -> Heard {
    talk(input).0
}

#[test]
fn answers_and_keeps_the_connection() {
    let (heard, echo) = talk("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
    let expected = "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\nGET /a HTTP/1.1\n";
    assert_eq!(heard.output, expected);
    assert_eq!(heard.lines, ["GET /a HTTP/1.1"]);
    assert_eq!(heard.waiting, Some(Waiting::Request));
    assert_eq!(echo.asked, ["GET /a HTTP/1.1"]);
}

#[test]
fn the_date_is_sent_with_every_answer() {
    let (mut echo, clock, mut output) = (Echo::default(), Clock::new(), Vec::new());
    let mut dialogue = Dialogue::new(false, 10, BODY);
    let input = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let (used, step) = dialogue.advance(input, &mut echo, &clock, &mut output);
    assert_eq!(used, input.len());
    let Step::Answer(answer) = step else {
        panic!("没有回答");
    };
    assert!(answer.line.is_empty() && !answer.close);
    let expected = format!(
        "HTTP/1.1 200 OK\r\nDate: {}\r\nContent-Length: 14\r\n\r\n",
        clock.date()
    );
    assert_eq!(output, expected.as_bytes());
}

#[test]
fn pipelined_requests_are_answered_in_turn() {
    let (heard, echo) = talk(
        "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxyz\
         \r\nPUT /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nGET\r\n0\r\nX: y\r\n\r\n\
         GET /4 HTTP/1.1\r\nHost: a\r\n\r\nGET /5",
    );
    assert_eq!(
        echo.asked,
        [
            "GET /1 HTTP/1.1",
            "POST /2 HTTP/1.1",
            "PUT /3 HTTP/1.1",
            "GET /4 HTTP/1.1"
        ]
    );
    assert_eq!(heard.statuses().len(), 4);
    assert_eq!(heard.waiting, Some(Waiting::Head));
    assert!(!heard.output.contains("Connection"));
}

#[test]
fn says_what_it_waits_for() {
    for (input, expected) in [
        ("", Waiting::Request),
        ("\r", Waiting::Request),
        ("\r\n\r\n", Waiting::Request),
        ("G", Waiting::Head),
        ("\r\nG", Waiting::Head),
        ("GET / HTTP/1.1\r\nHost: a\r\n\r", Waiting::Head),
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", Waiting::Request),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n",
            Waiting::Body,
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na",
            Waiting::Body,
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab",
            Waiting::Request,
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
            Waiting::Body,
        ),
    ] {
        assert_eq!(heard(input).waiting, Some(expected), "{input:?}");
    }
}

#[test]
fn the_end_of_a_connection_is_announced() {
    let next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
    let close = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 14\r\n";
    for request in [
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n",
    ] {
        let heard = heard(&[request, next].concat());
        assert!(heard.output.starts_with(close), "{}", heard.output);
        assert_eq!(heard.lines.len(), 1);
        assert_eq!(heard.waiting, None);
    }
    let kept = heard(&["GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", next].concat());
    let open = "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 14\r\n";
    assert!(kept.output.starts_with(open), "{}", kept.output);
    assert_eq!(kept.lines.len(), 2);
}

#[test]
fn the_last_of_the_allowed_requests_says_so() {
    let input = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(5);
    for (requests, answered) in [(0, 1), (1, 1), (3, 3)] {
        let dialogue = Dialogue::new(true, requests, BODY);
        let (heard, _) = converse(dialogue, input.as_bytes(), &[input.len()]);
        assert_eq!(heard.statuses().len(), answered);
        assert_eq!(heard.output.matches("Connection: close").count(), 1);
        assert_eq!(heard.waiting, None);
    }
}

#[test]
fn answers_without_a_body_have_none() {
    for (path, status) in [("/304", "304"), ("/204", "204")] {
        let heard = heard(&format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert_eq!(heard.statuses(), [status]);
        assert!(heard.output.ends_with("\r\n\r\n\n"), "{}", heard.output);
    }
    for (request, status) in [
        ("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "200"),
        ("HEAD /404 HTTP/1.1\r\nHost: a\r\n\r\n", "404"),
        ("HEAD / HTTP/1.1\r\n\r\n", "400"),
        ("HEAD / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", "417"),
        (
            "HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\n",
            "413",
        ),
        (
            "HEAD / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx",
            "400",
        ),
    ] {
        let heard = heard(request);
        assert_eq!(heard.statuses(), [status]);
        assert!(heard.output.contains("Content-Length: "));
        assert!(heard.output.ends_with("\r\n\r\n\n"), "{}", heard.output);
    }
}

#[test]
fn an_error_closes_and_nothing_more_is_read() {
    let next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
    for (request, status, asked) in [
        ("GET / HTTP/1.1\r\n\r\n", "400", 0),
        ("GET / HTTP/2.0\r\n\r\n", "505", 0),
        ("\0\0\0\0", "400", 0),
        ("GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", "417", 0),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n",
            "413",
            0,
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: a, chunked\r\n\r\n",
            "501",
            0,
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx",
            "400",
            1,
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n",
            "413",
            1,
        ),
    ] {
        let (heard, echo) = talk(&[request, next].concat());
        assert_eq!(heard.statuses(), [status], "{request:?}");
        assert!(heard.output.contains("\r\nConnection: close\r\n"));
        assert!(heard.output.ends_with("\r\n\r\nrefused\n"));
        assert_eq!((heard.waiting, echo.asked.len()), (None, asked));
    }
}

#[test]
fn nothing_is_said_after_the_end() {
    let (mut echo, clock, mut output) = (Echo::default(), Clock::new(), Vec::new());
    let mut dialogue = Dialogue::new(true, 10, BODY);
    let (used, step) = dialogue.advance(b"\0\0\0", &mut echo, &clock, &mut output);
    assert!(used == 3 && matches!(step, Step::Answer(Answer { close: true, .. })));
    output.clear();
    let input = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let (used, step) = dialogue.advance(input, &mut echo, &clock, &mut output);
    assert!(used == input.len() && matches!(step, Step::Read(Waiting::Request)));
    assert!(dialogue.timed_out(&mut echo, &clock, &mut output).is_none());
    assert!(output.is_empty() && echo.asked.is_empty());
}

#[test]
fn the_log_gets_the_line_of_a_refused_request() {
    let line = |input: &str| heard(input).lines.pop().unwrap();
    let start = "POST / HTTP/1.1";
    assert_eq!(line(&format!("{start}\r\n\r\n")), start);
    assert_eq!(
        line(&format!(
            "{start}\r\nHost: a\r\nContent-Length: 101\r\n\r\n"
        )),
        start
    );
    let chunked = "Host: a\r\nTransfer-Encoding: chunked\r\n\r\nx";
    assert_eq!(line(&format!("\r\n{start}\r\n{chunked}")), start);
    assert_eq!(line("GET /\r\n"), "");
}

#[test]
fn who_expects_100_gets_the_answer_at_once() {
    let start = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n";
    for framing in [
        "Content-Length: 5\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n",
    ] {
        let heard = heard(&[start, framing].concat());
        assert_eq!(heard.statuses(), ["200"]);
        assert!(heard.output.contains("Connection: close"));
        assert_eq!(heard.waiting, None);
    }
    // 没有正文的,不用等什么。
    for framing in ["\r\n", "Content-Length: 0\r\n\r\n"] {
        let heard = heard(&[start, framing].concat());
        assert!(!heard.output.contains("Connection"));
        assert_eq!(heard.waiting, Some(Waiting::Request));
    }
    let old = heard("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
    assert_eq!(old.waiting, Some(Waiting::Body));
    let large = heard(&[start, "Content-Length: 101\r\n\r\n"].concat());
    assert_eq!(large.statuses(), ["413"]);
}

#[test]
fn late_requests_get_a_408_idle_connections_nothing() {
    for (input, expected) in [
        ("", None),
        ("\r\n", None),
        ("G", Some(&b""[..])),
        ("GET / HTTP/1.1\r\nHost: a\r\n", Some(b"")),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na",
            Some(b"GET / HTTP/1.1"),
        ),
    ] {
        let (mut echo, clock, mut output) = (Echo::default(), Clock::new(), Vec::new());
        let mut dialogue = Dialogue::new(true, 10, BODY);
        let (_, step) = dialogue.advance(input.as_bytes(), &mut echo, &clock, &mut output);
        assert!(matches!(step, Step::Read(_)) && output.is_empty());
        let answer = dialogue.timed_out(&mut echo, &clock, &mut output);
        assert_eq!(answer.is_some(), expected.is_some(), "{input:?}");
        assert_eq!(output.is_empty(), expected.is_none());
        if let (Some(answer), Some(line)) = (answer, expected) {
            assert!(answer.close && answer.status == Status(408));
            assert_eq!(&*answer.line, line);
            assert!(
                String::from_utf8(output)
                    .unwrap()
                    .contains("Connection: close")
            );
        }
    }
}

#[test]
fn a_server_that_ends_closes_after_the_next_answer() {
    let (head, body) = (
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n",
        "ab",
    );
    for first in ["", "GET", head] {
        let (mut echo, clock, mut output) = (Echo::default(), Clock::new(), Vec::new());
        let mut dialogue = Dialogue::new(true, 10, BODY);
        let whole = [head, body].concat();
        let (used, _) = dialogue.advance(first.as_bytes(), &mut echo, &clock, &mut output);
        dialogue.close_after_this();
        let rest = &whole.as_bytes()[used..];
        let (_, step) = dialogue.advance(rest, &mut echo, &clock, &mut output);
        assert!(matches!(step, Step::Answer(Answer { close: true, .. })));
        assert!(
            String::from_utf8(output)
                .unwrap()
                .contains("Connection: close")
        );
    }
}

#[test]
fn idle_dialogues_are_small() {
    assert!(size_of::<Dialogue>() <= 64, "{}", size_of::<Dialogue>());
}
