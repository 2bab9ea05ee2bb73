//! 查找:一个 GET 或 HEAD 要的是根里面的哪一份。

use std::fs::File;
use std::io;
use std::time::SystemTime;

use crate::coding::{self, Coding};
use crate::failure::Failure;
use crate::listing::Listing;
use crate::pages;
use crate::path::{RelativePath, encode, encode_query};
use crate::representation::{Representation, Setback};
use crate::request::{Request, Target};
use crate::response::Response;
use crate::root::{Found, Root};
use crate::site::{INDEX, Options};
use crate::status::Status;
use crate::types::Type;
use crate::validators::Stamp;

/// 读的时候文件变了,最多这么多次从头来过。
const TRIES: u32 = 3;

/// 一次查找。
#[derive(Debug)]
pub struct Lookup<'a> {
    root: &'a Root,
    options: &'a Options,
    request: &'a Request<'a>,
    now: SystemTime,
    path: RelativePath,
    query: Option<&'a [u8]>,
}

impl<'a> Lookup<'a> {
    /// 看看要的是哪一份。
    ///
    /// # Errors
    /// 400、404:路径写得不对,或者指着隐藏的名字。
    pub fn new(
        root: &'a Root,
        options: &'a Options,
        request: &'a Request<'a>,
        now: SystemTime,
    ) -> Result<Self, Failure> {
        let Target::Path { path, query } = request.target else {
            return Err(Failure::new(Status::BAD_REQUEST, "这个方法要一个路径"));
        };
        let path = RelativePath::new(path)?;
        if path.is_hidden() && !options.hidden {
            return Err(Failure::ABSENT);
        }
        Ok(Self {
            root,
            options,
            request,
            now,
            path,
            query,
        })
    }

    /// 回答。
    ///
    /// # Errors
    /// 没有、不许看、条件不成立,文件一直在变。
    pub fn answer(&self) -> Result<Response, Failure> {
        for _ in 0..TRIES {
            let response = match self.path.directory {
                true => self.directory(),
                false => self.file(),
            };
            match response {
                Err(Setback::Changed) => {}
                Err(Setback::Failed(failure)) => return Err(failure),
                Ok(response) => return Ok(response),
            }
        }
        Err(Failure::BUSY)
    }

    /// 目录:首页;没有首页就是清单(要的话)。
    fn directory(&self) -> Result<Response, Setback> {
        let index = self.path.join(INDEX);
        match self.root.find(&index.name) {
            Ok(Found::File(file, stamp)) => return self.send(&index, file, stamp),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ if !self.options.listing => return Err(Failure::ABSENT.into()),
            _ => {}
        }
        let Found::Directory(directory) = self.root.find(&self.path.name)? else {
            return Err(Failure::ABSENT.into());
        };
        let hidden = self.options.hidden;
        let listing = Listing::new(self.root, &directory, &self.path, hidden)?;
        let mut parameters = self.query.unwrap_or_default().split(|&byte| byte == b'&');
        Ok(match parameters.any(|parameter| parameter == b"json") {
            true => listing.json(),
            false => listing.html(&self.path),
        })
    }

    fn file(&self) -> Result<Response, Setback> {
        match self.root.find(&self.path.name)? {
            Found::File(file, stamp) => self.send(&self.path, file, stamp),
            Found::Directory(_) => Ok(pages::moved(&location(&self.path, self.query))),
            Found::Other => Err(Failure::ABSENT.into()),
        }
    }

    fn send(&self, path: &RelativePath, file: File, stamp: Stamp) -> Result<Response, Setback> {
        let plain = Representation {
            file,
            stamp,
            kind: Type::of(&path.name),
            coding: None,
        };
        let negotiated = self.request.fields("accept-encoding").next().is_some();
        let chosen = match negotiated {
            true => self.choose(path, plain)?,
            false => plain,
        };
        let cache_control = self.options.cache_control.as_deref();
        let kind = chosen.kind;
        let mut response = chosen.respond(self.request, self.now, cache_control)?;
        // 换一个 Accept-Encoding,也许就是另一份。
        if negotiated && kind.is_compressible() {
            response.stamp = None;
        }
        Ok(response)
    }

    /// 按客户肯收的次序,找一份压缩好的。
    fn choose(
        &self,
        path: &RelativePath,
        plain: Representation,
    ) -> Result<Representation, Failure> {
        for coding in coding::preferences(self.request.fields("accept-encoding")) {
            let Some(coding) = coding else {
                return Ok(plain);
            };
            if let Some((file, stamp)) = self.sibling(path, &plain, coding) {
                return Ok(Representation {
                    file,
                    stamp,
                    kind: plain.kind,
                    coding: Some(coding),
                });
            }
        }
        Err(Failure::new(Status::NOT_ACCEPTABLE, "没有您肯收的编码"))
    }

    /// 旁边的压缩好的一份;比原来的旧,就是忘了再压一次,不给。
    fn sibling(
        &self,
        path: &RelativePath,
        plain: &Representation,
        coding: Coding,
    ) -> Option<(File, Stamp)> {
        if !plain.kind.is_compressible() {
            return None;
        }
        let name = [&path.name, coding.suffix()].concat();
        match self.root.find(&name) {
            Ok(Found::File(file, stamp)) if !stamp.is_older(&plain.stamp) => Some((file, stamp)),
            _ => None,
        }
    }
}

/// 目录的地址:自己写的路径,只有一个 `/` 开头,所以 `//evil` 不会变成别的主机(RFC 3986 §4.2)。
fn location(path: &RelativePath, query: Option<&[u8]>) -> String {
    let mut location = String::with_capacity(path.name.len() + 2);
    for segment in path.name.split(|&byte| byte == b'/') {
        location.push('/');
        location.extend(encode(segment));
    }
    location.push('/');
    if let Some(query) = query {
        location.push('?');
        location.extend(encode_query(query));
    }
    location
}
