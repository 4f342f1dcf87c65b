import FoundationEssentials
import KittyShared
import POSIX
import Sodium
import SystemPackage

/// Reads an archive member by member, and verifies that it is complete.
final class ArchiveReader {
  private let file: FileDescriptor
  let path: String
  /// The modification time in all headers.
  private var time: Int?
  /// Offset of the next byte.
  private(set) var offset: Int64 = 0

  /// A file in the archive: about a megabyte for a part of a table, a few for a variant of a photo.
  struct Member {
    let name: String
    let bytes: [UInt8]
  }

  /// The contents of a complete archive.
  struct Contents {
    let manifest: ArchiveManifest
    let end: ArchiveEnd
    /// Offset of the first part of a table.
    let firstTable: Int64
    /// Offset of the first file of a photo.
    let firstPhoto: Int64
  }

  /// Size limit of a member; this program writes smaller ones.
  private static let maxSize = 1 << 30

  /// - Throws: `ArchiveFailure` when the file cannot be read.
  init(_ path: String) throws {
    self.path = path
    do {
      file = try FileDescriptor.open(FilePath(path), .readOnly)
      // The archive is read twice. Seeking in a pipe fails, here already.
      _ = try file.seek(offset: 0, from: .current)
    } catch let error as Errno {
      let why = error == .illegalSeek ? "it is not a file. Save the archive in a file first" : "\(error)"
      throw ArchiveFailure(description: "Cannot read \(path): \(why).")
    }
  }

  deinit { try? file.close() }

  /// Continues at the header of a member.
  func seek(to offset: Int64) throws {
    _ = try mappingErrors { try file.seek(offset: offset, from: .start) }
    self.offset = offset
  }

  /// Returns the next member; `nil` at the end of the archive.
  /// - Throws: `ArchiveFailure` when the archive is damaged or cut off here.
  func next() throws -> Member? {
    let header = try read(TarHeader.block, in: "a header")
    if header.allSatisfy({ $0 == 0 }) {
      guard try read(TarHeader.block, in: "its end").allSatisfy({ $0 == 0 }), try readSome(1).isEmpty else {
        throw damaged("there are bytes after its end")
      }
      return nil
    }
    guard let member = TarHeader(header), time == nil || time == member.time, member.size <= Self.maxSize
    else {
      if offset == Int64(TarHeader.block) { throw foreign }
      throw damaged("invalid tar header at byte \(offset - Int64(TarHeader.block))")
    }
    time = member.time
    let bytes = try read(member.size, in: member.name)
    guard try read(member.padding, in: member.name).allSatisfy({ $0 == 0 }) else {
      throw damaged("the padding after \(member.name) is not zero")
    }
    return Member(name: member.name, bytes: bytes)
  }

  /// Reads the whole archive, and compares each member with its checksum and all of them with the end.
  /// - Parameter progress: Called with the number of members read so far.
  /// - Throws: `ArchiveFailure`.
  func verify(_ progress: (Int) -> Void = { _ in }) throws -> Contents {
    guard let first = try next() else { throw foreign }
    guard first.name == ArchiveMemberName.manifest,
      let manifest = try? JSON.decode(ArchiveManifest.self, from: Data(first.bytes)),
      manifest.kind == ArchiveManifest.kind
    else { throw foreign }
    guard manifest.format == ArchiveManifest.format else {
      throw ArchiveFailure(
        description: """
          \(path) has format \(manifest.format), from a newer KittyCash (\(manifest.server)), and this server \
          (\(KittyCash.version)) supports format \(ArchiveManifest.format). Restore it with a newer server.
          """)
    }
    var found = ArchiveEnd()
    found.rows = manifest.tables.map { .init(table: $0.name, count: 0) }
    var sums = Array("\(hex(SHA256.hash(first.bytes)))  \(first.name)\n".utf8)
    found.members = 1
    let firstTable = offset
    var firstPhoto: Int64?
    while true {
      let start = offset
      guard let member = try next() else { throw truncated("its end.json") }
      if member.name == ArchiveMemberName.sums {
        try compare(member.bytes, with: sums)
        found.sums = hex(SHA256.hash(member.bytes))
        found.members += 1
        return Contents(
          manifest: manifest, end: try readEnd(found), firstTable: firstTable, firstPhoto: firstPhoto ?? start
        )
      }
      let hash = hex(SHA256.hash(member.bytes))
      sums += "\(hash)  \(member.name)\n".utf8
      found.members += 1
      if firstPhoto == nil, let table = ArchiveMemberName.table(of: member.name),
        let index = found.rows.firstIndex(where: { $0.table == table })
      {
        found.rows[index].count += member.bytes.count { $0 == UInt8(ascii: "\n") }
      } else if let photo = ArchiveMemberName.photo(of: member.name) {
        firstPhoto = firstPhoto ?? start
        // The name of a photo is the hash of its large variant, that of a receipt the hash of its bytes.
        if photo.variant.isNamed {
          guard photo.hash == hash else { throw damaged("\(member.name) does not match its name") }
          if photo.variant == .receipt {
            found.receipts = (found.receipts ?? 0) + 1
          } else {
            found.photos += 1
          }
        }
      } else {
        throw damaged("unexpected member \(member.name)")
      }
      progress(found.members)
    }
  }

  /// Reads the last member, which must match the members before it.
  private func readEnd(_ found: ArchiveEnd) throws -> ArchiveEnd {
    guard let last = try next(), last.name == ArchiveMemberName.end else { throw truncated("its end.json") }
    guard let end = try? JSON.decode(ArchiveEnd.self, from: Data(last.bytes)),
      try JSON.bytes(of: end) + Array("\n".utf8) == last.bytes, end.members == found.members,
      end.sums == found.sums, end.rows == found.rows, (0...found.photos).contains(end.photos),
      found.photos <= end.photos + end.missingPhotos.count,
      (0...(found.receipts ?? 0)).contains(end.receipts ?? 0),
      found.receipts ?? 0 <= (end.receipts ?? 0) + (end.missingReceipts?.count ?? 0)
    else { throw damaged("its end.json does not match its contents") }
    guard try next() == nil else { throw damaged("there is a member after its end.json") }
    return end
  }

  private func compare(_ stored: [UInt8], with computed: [UInt8]) throws {
    guard stored != computed else { return }
    let lines = (stored.split(separator: UInt8(ascii: "\n")), computed.split(separator: UInt8(ascii: "\n")))
    guard let (_, line) = zip(lines.0, lines.1).first(where: { $0 != $1 }), line.count > 66 else {
      throw damaged("its checksums are of other members")
    }
    throw damaged("\(String(decoding: line.dropFirst(66), as: UTF8.self)) does not match its checksum")
  }

  private var foreign: ArchiveFailure {
    ArchiveFailure(
      description: """
        \(path) is not an archive of "kittycash-server backup"\(offset == 0 ? ": it is empty" : ""). If it is \
        compressed, decompress it first.
        """)
  }

  private func damaged(_ what: String) -> ArchiveFailure {
    ArchiveFailure(
      description: "\(path) is damaged: \(what). None of it can be trusted. Use another backup.")
  }

  private func truncated(_ what: String) -> ArchiveFailure {
    ArchiveFailure(
      description: "\(path) is incomplete: it ends before \(what). Copy it again, or use another backup.")
  }

  private func read(_ count: Int, in what: String) throws -> [UInt8] {
    let bytes = try readSome(count)
    guard bytes.count == count else {
      guard offset >= TarHeader.block else { throw foreign }
      throw truncated("the end of \(what)")
    }
    return bytes
  }

  /// Reads `count` bytes, or fewer at the end of the file.
  private func readSome(_ count: Int) throws -> [UInt8] {
    let bytes = try mappingErrors { try file.read(upTo: count) }
    offset += Int64(bytes.count)
    return bytes
  }

  private func mappingErrors<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as Errno {
      throw ArchiveFailure(description: "Cannot read \(path): \(error).")
    }
  }
}
