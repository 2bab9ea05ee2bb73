//! 读文件用的缓冲区:一个工作线程的所有连接共用,用到才有,一阵子没有用就还给系统。

/// 这么大:再小,每次写出的太少,收发两边叫醒对方的次数就多;再大,装不进 CPU 的缓存。
const SIZE: usize = 512 * 1024;

/// 共用的缓冲区。
#[derive(Debug, Default)]
pub struct Scratch {
    bytes: Vec<u8>,
    /// 上一次 [`Scratch::tidy`] 以后用过。
    used: bool,
}

impl Scratch {
    /// 借用。里面是什么说不定。
    pub fn buffer(&mut self) -> &mut [u8] {
        self.used = true;
        if self.bytes.is_empty() {
            self.bytes = vec![0; SIZE];
        }
        &mut self.bytes
    }

    /// 占着内存。
    pub fn is_held(&self) -> bool {
        !self.bytes.is_empty()
    }

    /// 上一次以来没有用过,就还。
    pub fn tidy(&mut self) {
        if !std::mem::take(&mut self.used) {
            self.bytes = Vec::new();
        }
    }
}
