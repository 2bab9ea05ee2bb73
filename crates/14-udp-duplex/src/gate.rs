//! 什么时候可以把别人的话交给行编辑器。
//!
//! 行编辑器在等键盘的时候,从一个小队列里取别人的话来显示。两行之间它不在,rustyline 就直接写终端:
//! 队列里要是还有一句,后来的就抢到它前面去了。所以两行之间先不交:门关着。

use std::cell::Cell;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use rustyline::completion::Completer;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Helper, Prompt};

/// 提示符。
const PROMPT: &str = "> ";

/// 行编辑器在不在。
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// 两行之间。
    Between,
    /// 正在编辑一行。
    Editing,
    /// 不会再编辑了。
    Ended,
}

/// 门。复制的是同一扇:键盘线程开关,别的线程等它开。
#[derive(Clone)]
pub struct Gate(Arc<(Mutex<Phase>, Condvar)>);

impl Gate {
    /// 关着。
    pub fn new() -> Self {
        Self(Arc::new((Mutex::new(Phase::Between), Condvar::new())))
    }

    /// 编辑一行要用的提示符。
    pub fn prompt(&self) -> Opening<'_> {
        let drawn = Cell::new(false);
        Opening { gate: self, drawn }
    }

    /// 不会再编辑了,永远开着。
    pub fn end(&self) {
        self.set(Phase::Ended);
    }

    /// 等门开。
    pub fn wait(&self) {
        let (_, changed) = &*self.0;
        let between = |phase: &mut Phase| *phase == Phase::Between;
        let waited = changed.wait_while(self.lock(), between);
        drop(waited);
    }

    fn set(&self, phase: Phase) {
        *self.lock() = phase;
        self.0.1.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Phase> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 提示符。行编辑器接管终端以后才画它,画第一遍时开门。
pub struct Opening<'a> {
    gate: &'a Gate,
    drawn: Cell<bool>,
}

impl Prompt for Opening<'_> {
    fn raw(&self) -> &str {
        if !self.drawn.replace(true) {
            self.gate.set(Phase::Editing);
        }
        PROMPT
    }
}

/// 按了回车,行编辑器还没有交出终端,先问这一行能不能要:这时关门。
impl Validator for Gate {
    fn validate(&self, _: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        self.set(Phase::Between);
        Ok(ValidationResult::Valid(None))
    }
}

// 行编辑器能帮的别的忙,都不要。
impl Completer for Gate {
    type Candidate = String;
}
impl Hinter for Gate {
    type Hint = String;
}
impl Highlighter for Gate {}
impl Helper for Gate {}
