import Glibc
import SystemPackage

extension FileDescriptor {
  /// Reads the next bytes.
  /// - Returns: `count` bytes, or fewer when the file ends before.
  /// - Throws: The error of the system.
  package func read(upTo count: Int) throws(Errno) -> [UInt8] {
    do {
      return try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        while filled < count {
          let free = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
          let number = try read(into: free)
          if number == 0 { break }
          filled += number
        }
      }
    } catch {
      throw Errno(error)
    }
  }

  /// Reads bytes from a place in the file.
  /// - Returns: `count` bytes, or fewer when the file ends before.
  /// - Throws: The error of the system.
  package func read(upTo count: Int, at place: Int) throws(Errno) -> [UInt8] {
    do {
      return try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        while filled < count {
          let free = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
          let number = try read(fromAbsoluteOffset: Int64(place + filled), into: free)
          if number == 0 { break }
          filled += number
        }
      }
    } catch {
      throw Errno(error)
    }
  }

  /// Reads the bytes that are available, or waits for the first of them.
  /// - Returns: At most `count` bytes; none at the end of the file.
  /// - Throws: The error of the system.
  package func readAvailable(upTo count: Int) throws(Errno) -> [UInt8] {
    do {
      return try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        filled = try read(into: UnsafeMutableRawBufferPointer(buffer), retryOnInterrupt: false)
      }
    } catch {
      throw Errno(error)
    }
  }

  /// Writes some of the bytes: fewer than all of them when the disk is full, for example.
  /// - Returns: The number of bytes written.
  /// - Throws: The error of the system.
  package func write(someOf bytes: RawSpan) throws(Errno) -> Int {
    do { return try bytes.withUnsafeBytes { try write($0) } } catch { throw Errno(error) }
  }

  /// Waits until the file, or the list of names of the folder, is on the disk.
  /// - Throws: The error of the system.
  package func sync() throws(Errno) {
    guard fsync(rawValue) == 0 else { throw .last }
  }

  /// Takes the exclusive lock of the file without waiting for it.
  /// - Returns: `false` when another process has the lock, or the file cannot be locked.
  package func tryLock() -> Bool { flock(rawValue, LOCK_EX | LOCK_NB) == 0 }

  /// Releases the lock of the file.
  package func unlock() { flock(rawValue, LOCK_UN) }

  /// Changes the permissions of the file.
  /// - Throws: The error of the system.
  package func setPermissions(_ permissions: FilePermissions) throws(Errno) {
    guard fchmod(rawValue, permissions.rawValue) == 0 else { throw .last }
  }
}

extension FileDescriptor.OpenOptions {
  /// A terminal that is opened does not become the controlling terminal of this process: `O_NOCTTY`.
  package static var noControllingTerminal: Self { Self(rawValue: O_NOCTTY) }
}

extension FilePath {
  /// Makes a file without a name in the folder: it is gone when it is closed.
  /// - Returns: The file, open for reading and writing by this process and not by programs that it starts.
  /// - Throws: The error of the system.
  package func temporaryFile() throws(Errno) -> FileDescriptor {
    let path = appending("kittycash-\(UInt64.random(in: .min ... .max))")
    do {
      let file = try FileDescriptor.open(
        path, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec], permissions: .ownerReadWrite)
      do { try path.remove() } catch {
        try file.close()
        throw error
      }
      return file
    } catch {
      throw Errno(error)
    }
  }

  /// Returns the number of bytes that programs without privileges can still write to the file system of the path.
  /// - Throws: The error of the system.
  package func freeBytes() throws(Errno) -> UInt64 {
    try room().bytes
  }

  /// Returns the numbers of bytes and of files that programs without privileges can still write to the file system of
  /// the path; `nil` for files on a file system that does not count them.
  /// - Throws: The error of the system.
  package func room() throws(Errno) -> (bytes: UInt64, files: UInt64?) {
    var status = statvfs()
    let result = withPlatformString { statvfs($0, &status) }
    guard result == 0 else { throw .last }
    let files = UInt64(status.f_files) == 0 ? nil : UInt64(status.f_favail)
    return (UInt64(status.f_bavail) * UInt64(status.f_frsize), files)
  }

  /// Gives the file another name. A file that has that name already is replaced, in one step.
  /// - Throws: The error of the system.
  package func rename(to other: FilePath) throws(Errno) {
    let result = withPlatformString { old in other.withPlatformString { new in Glibc.rename(old, new) } }
    guard result == 0 else { throw .last }
  }

  /// Removes the file.
  /// - Throws: The error of the system.
  package func remove() throws(Errno) {
    guard withPlatformString(unlink) == 0 else { throw .last }
  }

  /// Reads the permissions of the file or folder.
  /// - Throws: The error of the system.
  package func permissions() throws(Errno) -> FilePermissions {
    var status = Glibc.stat()
    let result = withPlatformString { fstatat(AT_FDCWD, $0, &status, 0) }
    guard result == 0 else { throw .last }
    return FilePermissions(rawValue: status.st_mode & 0o7777)
  }

  /// Changes the permissions of the file or folder.
  /// - Throws: The error of the system.
  package func setPermissions(_ permissions: FilePermissions) throws(Errno) {
    guard withPlatformString({ chmod($0, permissions.rawValue) }) == 0 else { throw .last }
  }

  /// Waits until the file, or the list of names of the folder, is on the disk.
  /// - Throws: The error of the system.
  package func sync() throws(Errno) {
    let file: FileDescriptor
    do { file = try .open(self, .readOnly, options: .closeOnExec) } catch { throw Errno(error) }
    defer { try? file.close() }
    try file.sync()
  }

  /// `true` when this process may write to the file or folder.
  package var isWritable: Bool { withPlatformString { access($0, W_OK) } == 0 }
}
