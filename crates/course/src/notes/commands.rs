//! 讲义里的命令行:包存在,子命令和选项在程序的 `--help` 里。

use clap::Parser;

use super::document::{Block, Document};
use super::generated::Sources;
use super::report::Problem;
use crate::cli::{Cli, usage_error};
use crate::error::with_hint;
use crate::names;
use crate::words::{self, Token};

/// 这些语言的代码块里可能有命令。
const LANGUAGES: [&str; 8] = [
    "sh",
    "console",
    "text",
    "bash",
    "shell",
    "powershell",
    "cmd",
    "bat",
];

/// 命令前面可能有的提示符。
const PROMPTS: [&str; 3] = ["$ ", "> ", "PS> "];

/// 核对一篇讲义里的命令行。
pub fn check(document: &Document, sources: &mut Sources<'_, '_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for block in document
        .blocks
        .iter()
        .filter(|block| may_have_commands(block))
    {
        for (offset, line) in document.body(block).lines().enumerate() {
            for command in cargo_commands(line) {
                if let Err(error) = check_command(&command, sources) {
                    let line = block.line + 1 + offset;
                    problems.push(Problem::new(document, line, with_hint(&error)));
                }
            }
        }
    }
    problems
}

fn may_have_commands(block: &Block) -> bool {
    LANGUAGES.contains(&block.language.as_str())
}

/// 一行里的各个 `cargo …` 命令;管道和 `&&` 隔开的分别算。
fn cargo_commands(line: &str) -> Vec<Vec<String>> {
    let line = line.trim_start();
    let line = PROMPTS
        .iter()
        .find_map(|prompt| line.strip_prefix(prompt))
        .unwrap_or(line);
    let Ok(tokens) = words::split(line) else {
        return Vec::new();
    };
    let is_operator = |token: &Token| matches!(token, Token::Operator(_));
    let commands = tokens.split(is_operator).map(|command| {
        let words = command.iter().filter_map(|token| match token {
            Token::Word(word) => Some(word.clone()),
            Token::Operator(_) => None,
        });
        words.collect::<Vec<String>>()
    });
    commands
        .filter(|words| words.first().is_some_and(|word| word == "cargo"))
        .collect()
}

fn check_command(words: &[String], sources: &mut Sources<'_, '_>) -> anyhow::Result<()> {
    if words.get(1).is_some_and(|word| word == "course") {
        return check_course(&words[2..], sources);
    }
    let behind = words.iter().position(|word| word == "--");
    let (cargo, arguments) = match behind {
        Some(behind) => (&words[..behind], &words[behind + 1..]),
        None => (words, &[][..]),
    };
    for package in packages(cargo) {
        if !sources.ladder.has_package(package) {
            names::find(sources.ladder, package)?;
            anyhow::bail!("-p 后面要写包名,不是 {package}");
        }
        let runs = words.get(1).is_some_and(|word| word == "run");
        if runs && sources.programs.is_ours(package) && !arguments.is_empty() {
            check_arguments(package, arguments, sources)?;
        }
    }
    Ok(())
}

/// `-p` 和 `--package` 后面的包名。
fn packages(cargo: &[String]) -> impl Iterator<Item = &str> {
    let pairs = cargo.windows(2);
    pairs
        .filter(|pair| matches!(pair[0].as_str(), "-p" | "--package"))
        .map(|pair| pair[1].as_str())
}

fn check_course(arguments: &[String], sources: &Sources<'_, '_>) -> anyhow::Result<()> {
    let command = ["course"]
        .into_iter()
        .chain(arguments.iter().map(String::as_str));
    match Cli::try_parse_from(command) {
        Ok(cli) => cli.stages().into_iter().try_for_each(|stage| {
            names::find(sources.ladder, stage)?;
            Ok(())
        }),
        Err(error) if error.use_stderr() => Err(usage_error(&error)),
        Err(_) => Ok(()),
    }
}

/// 子命令和选项都要在程序的帮助里。
fn check_arguments(
    program: &str,
    arguments: &[String],
    sources: &mut Sources<'_, '_>,
) -> anyhow::Result<()> {
    let mut command = vec![program.to_owned()];
    let help = sources.help(&command)?;
    let subcommands = subcommands(&help);
    if let Some(first) = arguments.first().filter(|first| !first.starts_with('-')) {
        if subcommands.contains(&first.as_str()) {
            command.push(first.clone());
        } else if !subcommands.is_empty() {
            anyhow::bail!(
                "{program} 没有 {first} 这个子命令,可以是 {}",
                subcommands.join("、")
            );
        }
    }
    let help = sources.help(&command)?;
    for argument in arguments.iter().take_while(|argument| *argument != "--") {
        let option = argument.split('=').next().unwrap_or_default();
        if option.starts_with("--") && !has_option(&help, option) {
            anyhow::bail!("{} 没有 {option} 这个选项", command.join(" "));
        }
    }
    Ok(())
}

/// 帮助里「命令:」一节列出的名字。
fn subcommands(help: &str) -> Vec<&str> {
    let section = help
        .lines()
        .skip_while(|line| !matches!(line.trim(), "Commands:" | "命令:"));
    let rows = section.skip(1).take_while(|line| line.starts_with(' '));
    rows.filter_map(|row| row.split_whitespace().next())
        .collect()
}

fn has_option(help: &str, option: &str) -> bool {
    let part_of_name = |next: char| next.is_ascii_alphanumeric() || next == '-';
    help.split(|next: char| !part_of_name(next))
        .any(|word| word == option)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_behind_prompts_and_pipes() {
        let found = |line| {
            cargo_commands(line)
                .into_iter()
                .map(|words| words.join(" "))
                .collect()
        };
        let commands: Vec<String> =
            found("$ printf '你好 | x' | cargo run -p a -- :1 && cargo test # cargo x");
        assert_eq!(commands, ["cargo run -p a -- :1", "cargo test"]);
        let none: Vec<String> = found("echo cargo run");
        assert!(none.is_empty());
    }

    #[test]
    fn help_names_subcommands_and_options() {
        let help =
            "用法: x\n\n命令:\n  server  服务\n  client  客户\n\n选项:\n  -b, --bind <A>  地址\n";
        assert_eq!(subcommands(help), ["server", "client"]);
        assert!(has_option(help, "--bind"));
        assert!(!has_option(help, "--bin"));
    }
}
