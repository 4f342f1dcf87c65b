import FoundationEssentials
import KittyShared
import Sodium
import SystemPackage

/// Reads an archive, member by member, and knows whether it is whole.
final class ArchiveReader {
  private let file: FileDescriptor
  let path: String
  /// The time that all headers have.
  private var time: Int?
  /// How many bytes were read.
  private(set) var place: Int64 = 0

  /// A file in the archive. A part of a table has about a megabyte, a photo's file a few.
  struct Member {
    let name: String
    let bytes: [UInt8]
  }

  /// What is known of an archive that is whole.
  struct Contents {
    let manifest: ArchiveManifest
    let end: ArchiveEnd
    /// Where the first table, and the first photo, begin.
    let tables: Int64
    let photos: Int64
  }

  /// No member that this program writes is larger.
  private static let largest = 1 << 30

  /// - Throws: `ArchiveFailure` when the file cannot be read.
  init(_ path: String) throws {
    self.path = path
    do {
      file = try FileDescriptor.open(FilePath(path), .readOnly)
      // Reading it twice needs a file: a pipe says here that it is none.
      _ = try file.seek(offset: 0, from: .current)
    } catch let error as Errno {
      let words = error == .illegalSeek ? "it is no file. Save it in one first" : "\(error)"
      throw ArchiveFailure(description: "Cannot read \(path): \(words).")
    }
  }

  deinit { try? file.close() }

  /// Goes to where a member begins.
  func seek(to place: Int64) throws {
    _ = try saying { try file.seek(offset: place, from: .start) }
    self.place = place
  }

  /// The next member; `nil` at the end of the archive.
  /// - Throws: `ArchiveFailure` when it is damaged or the file ends here.
  func next() throws -> Member? {
    let header = try read(TarHeader.block, in: "a header")
    if header.allSatisfy({ $0 == 0 }) {
      guard try read(TarHeader.block, in: "its end").allSatisfy({ $0 == 0 }), try readSome(1).isEmpty else {
        throw damaged("something follows its end")
      }
      return nil
    }
    guard let member = TarHeader(header), time == nil || time == member.time, member.size <= Self.largest
    else {
      if place == Int64(TarHeader.block) { throw foreign }
      throw damaged("a header is none (at byte \(place - Int64(TarHeader.block)))")
    }
    time = member.time
    let bytes = try read(member.size, in: member.name)
    guard try read(member.padding, in: member.name).allSatisfy({ $0 == 0 }) else {
      throw damaged("there is something between \(member.name) and what follows it")
    }
    return Member(name: member.name, bytes: bytes)
  }

  /// Reads all of it once, and compares every member with its checksum and what the end says.
  /// - Throws: `ArchiveFailure` that says what is wrong.
  func verify(_ progress: (Int) -> Void = { _ in }) throws -> Contents {
    guard let first = try next() else { throw foreign }
    guard first.name == ArchiveName.manifest,
      let manifest = try? JSON.decode(ArchiveManifest.self, from: Data(first.bytes)),
      manifest.kind == ArchiveManifest.kind
    else { throw foreign }
    guard manifest.format == ArchiveManifest.format else {
      throw ArchiveFailure(
        description: """
          \(path) has format \(manifest.format) of a newer KittyCash (\(manifest.server)), and this server \
          (\(serverVersion)) reads format \(ArchiveManifest.format). Restore it with a newer server.
          """)
    }
    var found = ArchiveEnd()
    found.rows = manifest.tables.map { .init(table: $0.name, count: 0) }
    var sums = Array("\(hex(SHA256.hash(first.bytes)))  \(first.name)\n".utf8)
    found.members = 1
    let tables = place
    var photos: Int64?
    while true {
      let start = place
      guard let member = try next() else { throw truncated("its end.json") }
      if member.name == ArchiveName.sums {
        try compare(member.bytes, with: sums)
        found.sums = hex(SHA256.hash(member.bytes))
        found.members += 1
        return Contents(
          manifest: manifest, end: try readEnd(found), tables: tables, photos: photos ?? start)
      }
      let hash = hex(SHA256.hash(member.bytes))
      sums += "\(hash)  \(member.name)\n".utf8
      found.members += 1
      if photos == nil, let table = ArchiveName.table(of: member.name),
        let index = found.rows.firstIndex(where: { $0.table == table })
      {
        found.rows[index].count += member.bytes.count { $0 == UInt8(ascii: "\n") }
      } else if let photo = ArchiveName.photo(of: member.name) {
        photos = photos ?? start
        // A photo is called by what is in it.
        if photo.variant == .large {
          guard photo.hash == hash else { throw damaged("\(member.name) is another picture") }
          found.photos += 1
        }
      } else {
        throw damaged("there is no place in it for \(member.name)")
      }
      progress(found.members)
    }
  }

  /// The last member, which must say what was found.
  private func readEnd(_ found: ArchiveEnd) throws -> ArchiveEnd {
    guard let last = try next(), last.name == ArchiveName.end else { throw truncated("its end.json") }
    guard let end = try? JSON.decode(ArchiveEnd.self, from: Data(last.bytes)),
      try JSON.bytes(of: end) + Array("\n".utf8) == last.bytes, end.members == found.members,
      end.sums == found.sums, end.rows == found.rows, (0...found.photos).contains(end.photos),
      found.photos <= end.photos + end.missingPhotos.count
    else { throw damaged("its end does not fit what is in it") }
    guard try next() == nil else { throw damaged("something follows its end.json") }
    return end
  }

  private func compare(_ said: [UInt8], with found: [UInt8]) throws {
    guard said != found else { return }
    let lines = (said.split(separator: UInt8(ascii: "\n")), found.split(separator: UInt8(ascii: "\n")))
    guard let (_, line) = zip(lines.0, lines.1).first(where: { $0 != $1 }), line.count > 66 else {
      throw damaged("its list of checksums is of other members")
    }
    throw damaged("\(String(decoding: line.dropFirst(66), as: UTF8.self)) does not fit its checksum")
  }

  private var foreign: ArchiveFailure {
    ArchiveFailure(
      description: """
        \(path) is no archive of "kittycash-server backup"\(place == 0 ? ": it is empty" : ""). If it is \
        compressed, decompress it first.
        """)
  }

  private func damaged(_ what: String) -> ArchiveFailure {
    ArchiveFailure(
      description: "\(path) is damaged: \(what). Nothing of it can be trusted: use another backup.")
  }

  private func truncated(_ what: String) -> ArchiveFailure {
    ArchiveFailure(
      description: "\(path) is not whole: it ends before \(what). Copy it anew, or use another backup.")
  }

  private func read(_ count: Int, in what: String) throws -> [UInt8] {
    let bytes = try readSome(count)
    guard bytes.count == count else {
      guard place >= TarHeader.block else { throw foreign }
      throw truncated("the end of \(what)")
    }
    return bytes
  }

  /// As many bytes as there are, up to `count`.
  private func readSome(_ count: Int) throws -> [UInt8] {
    let bytes = try saying { try file.read(upTo: count) }
    place += Int64(bytes.count)
    return bytes
  }

  private func saying<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as Errno {
      throw ArchiveFailure(description: "Cannot read \(path): \(error).")
    }
  }
}

extension FileDescriptor {
  /// The next bytes: `count` of them, fewer where the file ends before, none at its end.
  /// - Throws: `Errno` when it cannot be read.
  func read(upTo count: Int) throws -> [UInt8] {
    unsafe try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let rest = unsafe UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
        let read = unsafe try self.read(into: rest)
        if read == 0 { break }
        filled += read
      }
    }
  }
}
