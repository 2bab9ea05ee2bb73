//! 标记:独占一行的 HTML 注释,说明下面那一块从哪里来。

/// 一个标记。
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Marker {
    /// `代码 包 文件 [项…]`:下面的 rust 块是这个文件(里的这几项)。
    Code {
        /// 阶段的名字,或者 `common` 这样的包名。
        stage: String,
        /// 相对包目录的路径。
        file: String,
        /// 项的名字;空的就是整个文件。
        items: Vec<String>,
    },
    /// `文件 路径`:下面的块是这个文件。
    File(String),
    /// `差异 旧阶段 新阶段 [文件…]`:下面的 diff 块是两个阶段(这几个文件)的差异。
    Diff {
        /// 旧阶段的名字。
        from: String,
        /// 新阶段的名字。
        to: String,
        /// 相对阶段目录的路径;空的就是全部。
        files: Vec<String>,
    },
    /// `帮助 程序 [子命令]`:下面的 text 块是它的 `--help`。
    Help(Vec<String>),
    /// `表 …`:到 `/表` 为止是生成的表。
    Table(Table),
    /// `/表`:表到此为止。
    EndTable,
    /// `示意`:下面的 rust 或 diff 块只是说明意思,不是哪里的代码。
    Illustration,
}

/// 生成的表。
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Table {
    /// 阶梯。
    Ladder,
    /// 哪个阶段通过哪项检查。
    Cases(String),
    /// 一个阶段还通不过的检查。
    Defects(String),
}

impl Marker {
    /// 读注释的内容。
    ///
    /// # Errors
    /// 没有这种标记,或者缺了什么;内容是给人看的原因。
    pub fn parse(comment: &str) -> Result<Self, String> {
        let words: Vec<String> = comment.split_whitespace().map(str::to_owned).collect();
        let parts: Vec<&str> = words.iter().map(String::as_str).collect();
        match parts[..] {
            ["代码", stage, file, ..] => Ok(Self::Code {
                stage: stage.to_owned(),
                file: file.to_owned(),
                items: words[3..].to_vec(),
            }),
            ["文件", path] => Ok(Self::File(path.to_owned())),
            ["差异", from, to, ..] => Ok(Self::Diff {
                from: from.to_owned(),
                to: to.to_owned(),
                files: words[3..].to_vec(),
            }),
            ["帮助", _, ..] => Ok(Self::Help(words[1..].to_vec())),
            ["表", "阶梯"] => Ok(Self::Table(Table::Ladder)),
            ["表", "检查", stage] => Ok(Self::Table(Table::Cases(stage.to_owned()))),
            ["表", "缺陷", stage] => Ok(Self::Table(Table::Defects(stage.to_owned()))),
            ["/表"] => Ok(Self::EndTable),
            ["示意"] => Ok(Self::Illustration),
            ["代码", ..] => Err("应当写成 <!-- 代码 包 文件 项… -->".to_owned()),
            ["文件", ..] => Err("应当写成 <!-- 文件 路径 -->".to_owned()),
            ["差异", ..] => Err("应当写成 <!-- 差异 旧阶段 新阶段 文件… -->".to_owned()),
            ["帮助", ..] => Err("应当写成 <!-- 帮助 程序 子命令 -->".to_owned()),
            ["表", ..] => Err("表有三种:阶梯、检查 阶段、缺陷 阶段".to_owned()),
            _ => Err(format!(
                "没有「{comment}」这种标记;标记有:代码、文件、差异、帮助、表、示意"
            )),
        }
    }

    /// 下面的代码块应当是什么语言;`None` 是都可以。
    #[must_use]
    pub fn language(&self) -> Option<&'static str> {
        match self {
            Self::Code { .. } => Some("rust"),
            Self::Diff { .. } => Some("diff"),
            Self::Help(_) => Some("text"),
            Self::File(_) | Self::Table(_) | Self::EndTable | Self::Illustration => None,
        }
    }
}
