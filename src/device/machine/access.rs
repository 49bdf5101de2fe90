//! Device files: which there are, and who may use them.

use std::fs::{self, Metadata, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::Machine;

/// Users and groups, a line for each.
const USERS: &str = "etc/passwd";
const GROUPS: &str = "etc/group";
/// Reading and writing, among the three bits of owner, group or others.
const BOTH: u32 = 0b110;

/// Whether somebody may use a device file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// They may read and write it.
    Open,
    /// There is none.
    Missing,
    /// It belongs to this group, which the user is not in; `None` for one without a name.
    Group(Option<String>),
    /// Another reason.
    Refused(String),
}

impl Machine {
    /// Whether this program may use the device file `path`. It is opened: never ask so about a watchdog, which that starts.
    #[must_use]
    pub fn access(&self, path: &Path) -> Access {
        let here = self.inside(path);
        let opened = OpenOptions::new().read(true).write(true).open(&here);
        match opened.map_err(|error| (error.kind(), error)) {
            // One that somebody else has at this moment is there and may be opened.
            Ok(_) | Err((ErrorKind::ResourceBusy, _)) => Access::Open,
            Err((ErrorKind::NotFound, _)) => Access::Missing,
            Err((ErrorKind::PermissionDenied, _)) => {
                Access::Group(fs::metadata(&here).ok().and_then(|file| self.group_of(&file)))
            }
            Err((_, error)) => Access::Refused(error.to_string()),
        }
    }

    /// Whether `user` may use the device file `path`, by its owner, its group and its mode; `None` where there is no such
    /// user.
    #[must_use]
    pub fn access_of(&self, user: &str, path: &Path) -> Option<Access> {
        let users = self.lines(USERS);
        let fields: Vec<&str> = users.lines().find(|line| line.split(':').next() == Some(user))?.split(':').collect();
        let (uid, gid) = (fields.get(2)?, fields.get(3)?);
        let Ok(file) = fs::metadata(self.inside(path)) else { return Some(Access::Missing) };
        let mode = file.mode();
        let shift = if file.uid().to_string() == *uid {
            6
        } else if file.gid().to_string() == *gid || self.is_member(user, &file) {
            3
        } else {
            0
        };
        Some(if mode >> shift & BOTH == BOTH { Access::Open } else { Access::Group(self.group_of(&file)) })
    }

    /// Device files in `/dev` whose names begin so, in the order of their names; `dri/card` names those of a folder.
    #[must_use]
    pub fn devices(&self, prefix: &str) -> Vec<PathBuf> {
        let (folder, prefix) = prefix.rsplit_once('/').unwrap_or(("", prefix));
        let folder = Path::new("/dev").join(folder);
        let Ok(entries) = fs::read_dir(self.inside(&folder)) else { return Vec::new() };
        let mut names: Vec<PathBuf> = entries
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_char_device() || kind.is_file()))
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| name.starts_with(prefix))
            .map(|name| folder.join(name))
            .collect();
        names.sort();
        names
    }

    /// Where this machine has what others call `path`.
    pub(super) fn inside(&self, path: &Path) -> PathBuf {
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }

    fn is_member(&self, user: &str, file: &Metadata) -> bool {
        let groups = self.lines(GROUPS);
        let members = groups.lines().find_map(|line| of_group(line, file)?.nth(1));
        members.is_some_and(|members| members.split(',').any(|member| member == user))
    }

    fn group_of(&self, file: &Metadata) -> Option<String> {
        let groups = self.lines(GROUPS);
        groups.lines().find_map(|line| of_group(line, file).and(line.split(':').next()).map(str::to_owned))
    }

    fn lines(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap_or_default()
    }
}

/// What stands from its number on in the line of a group, if the file belongs to it.
fn of_group<'l>(line: &'l str, file: &Metadata) -> Option<impl Iterator<Item = &'l str> + use<'l>> {
    let fields = line.split(':').skip(2);
    (fields.clone().next()? == file.gid().to_string()).then_some(fields)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::super::tests::machine;
    use super::*;

    #[test]
    fn devices_are_named_in_order() {
        let (_root, pi) = machine(&[
            ("dev/video1", ""),
            ("dev/video0", ""),
            ("dev/fb0", ""),
            ("dev/dri/card1", ""),
            ("dev/dri/x", ""),
        ]);
        assert_eq!(pi.devices("video"), [Path::new("/dev/video0"), Path::new("/dev/video1")]);
        assert_eq!(pi.devices("dri/card"), [Path::new("/dev/dri/card1")]);
        assert_eq!(pi.access(Path::new("/dev/fb0")), Access::Open);
        assert_eq!(pi.access(Path::new("/dev/fb1")), Access::Missing);
    }

    #[test]
    fn another_users_access_is_told_by_group_and_mode() {
        let (root, pi) = machine(&[("dev/video0", ""), (USERS, "root:x:0:0::/:\ngreengate:x:64001:64001::/:\n")]);
        let file = root.path().join("dev/video0");
        let gid = fs::metadata(&file).expect("a file").gid();
        let mode = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("a mode");
        let groups = |members: &str| {
            fs::write(root.path().join(GROUPS), format!("none:x:64999:\nvideo:x:{gid}:{members}\n")).expect("groups");
        };
        let access = || pi.access_of("greengate", Path::new("/dev/video0"));
        groups("pi,kiosk");
        mode(0o660);
        assert_eq!(access(), Some(Access::Group(Some("video".to_owned()))));
        groups("pi,greengate");
        assert_eq!(access(), Some(Access::Open));
        mode(0o600);
        assert_eq!(access(), Some(Access::Group(Some("video".to_owned()))), "its group may not either");
        groups("");
        mode(0o666);
        assert_eq!(access(), Some(Access::Open));
        assert_eq!(pi.access_of("greengate", Path::new("/dev/video1")), Some(Access::Missing));
        assert_eq!(pi.access_of("nobody-here", Path::new("/dev/video0")), None);
    }
}
