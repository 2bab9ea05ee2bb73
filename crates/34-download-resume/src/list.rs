//! 看目录里有什么。

use anyhow::ensure;
use indicatif::HumanBytes;

use crate::cli;
use crate::names::{Name, shown};
use crate::pool::Pool;
use crate::protocol::{Entry, Kind};

/// 一个目录最多这么多项:再多,光是名字就要占许多内存。
const MAX_ENTRIES: usize = 65_536;

/// 目录里的各项,按名字排好;名字还没有检查。
pub fn entries(pool: &Pool, name: &Name) -> anyhow::Result<Vec<Entry>> {
    let mut connection = pool.connection()?;
    let mut entries = Vec::new();
    connection.list(name, |entry| {
        ensure!(entries.len() < MAX_ENTRIES, "目录里超过 {MAX_ENTRIES} 项");
        entries.push(entry);
        Ok(())
    })?;
    pool.put_back(connection);
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(entries)
}

/// 打印目录里的各项:修改时间(UTC)、大小、名字,目录的名字后面有一个 `/`。
pub fn print(pool: &Pool, name: &Name) -> anyhow::Result<()> {
    for entry in entries(pool, name)? {
        let (size, slash) = match entry.kind {
            Kind::File => (HumanBytes(entry.size).to_string(), ""),
            Kind::Directory => ("目录".to_owned(), "/"),
        };
        // 「目录」两个字占四列。
        let width = if slash.is_empty() { 12 } else { 10 };
        let time = time(entry.modified);
        cli::print_line(format_args!(
            "{time} {size:>width$} {}{slash}",
            shown(&entry.name)
        ))?;
    }
    Ok(())
}

/// 从 1970-01-01 起的秒,写成年月日时分(UTC)。
fn time(seconds: i64) -> String {
    // 公历四百年一轮;从三月起算,闰日落在一年的末尾。
    let days = seconds
        .div_euclid(86_400)
        .clamp(-1_000_000_000, 1_000_000_000)
        + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let second = seconds.rem_euclid(86_400);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
}
