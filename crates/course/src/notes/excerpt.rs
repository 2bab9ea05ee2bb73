//! 按名字从源文件里取一项:函数、类型、常量、模块,或者 `类型::方法`。

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{ImplItem, Item, TraitItem, Type};

/// 取 `source` 里的这几项,各项之间空一行;连同文档注释和属性,去掉缩进。
///
/// 同名的几项(例如各个系统各一份的函数)都取。
///
/// # Errors
/// 源码不是 Rust,或者没有这一项;内容是给人看的原因。
pub fn take(source: &str, names: &[String]) -> Result<String, String> {
    let file = syn::parse_file(source).map_err(|error| format!("源码有语法错误:{error}"))?;
    let lines: Vec<&str> = source.lines().collect();
    let mut excerpts = Vec::new();
    for name in names {
        let path: Vec<&str> = name.split("::").collect();
        let found = search(&file.items, &path);
        if found.is_empty() {
            return Err(format!("没有叫 {name} 的函数、类型、常量或模块"));
        }
        excerpts.extend(found.into_iter().map(|span| cut(&lines, span)));
    }
    Ok(excerpts.join("\n"))
}

fn search(items: &[Item], path: &[&str]) -> Vec<Span> {
    let Some((first, rest)) = path.split_first() else {
        return Vec::new();
    };
    if rest.is_empty() {
        let named = items
            .iter()
            .filter(|item| name_of(item).is_some_and(|name| name == first));
        return named.map(Spanned::span).collect();
    }
    items
        .iter()
        .flat_map(|item| search_within(item, first, rest))
        .collect()
}

/// 在叫 `owner` 的模块、类型或特征里面找。
fn search_within(item: &Item, owner: &str, path: &[&str]) -> Vec<Span> {
    match (item, path) {
        (Item::Mod(module), _) if module.ident == owner => module
            .content
            .as_ref()
            .map_or_else(Vec::new, |(_, items)| search(items, path)),
        (Item::Impl(block), [name]) if is_type(&block.self_ty, owner) => {
            let named = block.items.iter().filter(|item| match item {
                ImplItem::Fn(method) => method.sig.ident == name,
                ImplItem::Const(constant) => constant.ident == name,
                ImplItem::Type(alias) => alias.ident == name,
                _ => false,
            });
            named.map(Spanned::span).collect()
        }
        (Item::Trait(definition), [name]) if definition.ident == owner => {
            let named = definition.items.iter().filter(|item| match item {
                TraitItem::Fn(method) => method.sig.ident == name,
                TraitItem::Const(constant) => constant.ident == name,
                TraitItem::Type(alias) => alias.ident == name,
                _ => false,
            });
            named.map(Spanned::span).collect()
        }
        _ => Vec::new(),
    }
}

fn name_of(item: &Item) -> Option<&syn::Ident> {
    match item {
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Union(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        Item::Const(item) => Some(&item.ident),
        Item::Static(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        Item::Mod(item) => Some(&item.ident),
        Item::Macro(item) => item.ident.as_ref(),
        _ => None,
    }
}

fn is_type(this: &Type, name: &str) -> bool {
    let Type::Path(path) = this else {
        return false;
    };
    path.path
        .segments
        .last()
        .is_some_and(|segment| segment.ident == name)
}

/// 这一项占的整行,去掉第一行那么多的缩进。
fn cut(lines: &[&str], span: Span) -> String {
    let lines = &lines[span.start().line - 1..span.end().line];
    let first = lines.first().copied().unwrap_or_default();
    let indent = &first[..first.len() - first.trim_start().len()];
    let dedented = lines
        .iter()
        .map(|line| line.strip_prefix(indent).unwrap_or(line));
    dedented.map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "\
use std::fmt;

/// 回声。
#[derive(Debug)]
struct Echo<T>(T);

impl<T> Echo<T> {
    /// 服务。
    ///
    /// 一直服务。
    fn serve(&self) {
        loop {}
    }
}

const LIMIT: usize = 1; // 一个

mod inner {
    pub fn serve() {}
}
";

    fn take_one(name: &str) -> Result<String, String> {
        take(SOURCE, &[name.to_owned()])
    }

    #[test]
    fn items_come_with_their_comments_and_without_indentation() {
        let method = "/// 服务。\n///\n/// 一直服务。\nfn serve(&self) {\n    loop {}\n}\n";
        assert_eq!(take_one("Echo::serve").unwrap(), method);
        assert_eq!(
            take_one("Echo").unwrap(),
            "/// 回声。\n#[derive(Debug)]\nstruct Echo<T>(T);\n"
        );
        assert_eq!(take_one("inner::serve").unwrap(), "pub fn serve() {}\n");
        let two = take(SOURCE, &["LIMIT".to_owned(), "inner::serve".to_owned()]).unwrap();
        assert_eq!(
            two,
            "const LIMIT: usize = 1; // 一个\n\npub fn serve() {}\n"
        );
    }

    #[test]
    fn an_unknown_item_is_an_error() {
        assert!(take_one("serve").unwrap_err().contains("serve"));
        assert!(take_one("Echo::send").is_err());
        assert!(
            take("fn {", &["x".to_owned()])
                .unwrap_err()
                .contains("语法")
        );
    }
}
