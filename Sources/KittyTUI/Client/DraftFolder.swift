import FoundationEssentials
import KittyShared
import POSIX
import Synchronization
import SystemPackage

/// The place of drafts.
protocol DraftStore: Sendable {
  /// Adds work. `finish` does it in the order in which it was added.
  func add(_ work: DraftFolder.Work)
  /// Does the waiting work.
  /// - Throws: `PrivateFile.Unsafe` when a draft cannot be written.
  func finish() async throws(PrivateFile.Unsafe)
  /// Does the waiting work before the program ends: it waits for a second at most.
  func finishNow()
  /// Returns the drafts that no other window has open, the latest first.
  func read() async -> DraftFolder.Content
}

/// The drafts for one server, each in a file that only its owner can read. The client that writes a draft holds the lock of
/// its file, so that another window does not offer what is still open here.
final class DraftFolder: DraftStore {
  let path: String

  /// A change of a file.
  enum Work: Sendable {
    case keep(Draft, ID)
    case drop(ID)

    var file: ID {
      switch self {
      case .keep(_, let file), .drop(let file): file
      }
    }
  }

  /// The drafts in the folder.
  struct Content: Sendable {
    var drafts: [Draft.Stored] = []
    /// The number of files that this version cannot read.
    var unreadable = 0
  }

  /// The content of a file.
  struct Page: Codable {
    let savedAt: Instant
    let draft: Draft
  }

  private struct State {
    var waiting: [Work] = []
    /// The locked files of this client.
    var locks: [ID: FileDescriptor] = [:]
  }

  private let state = Mutex(State())
  /// Held while the waiting work is done: the latest text of a draft must be the last one written.
  private let turn = Mutex(())

  /// The maximum size of a draft.
  private static let limit = 4 << 20
  /// The maximum number of drafts that are offered.
  static let most = 200
  private static let suffix = ".draft"

  init(path: String) { self.path = path }

  deinit { for lock in state.withLock({ Array($0.locks.values) }) { try? lock.close() } }

  func add(_ work: Work) { state.withLock { $0.waiting.append(work) } }

  func finishNow() { try? finish() }

  func finish() throws(PrivateFile.Unsafe) {
    let failure = turn.withLock { _ -> PrivateFile.Unsafe? in
      let waiting = state.withLock { state in
        defer { state.waiting = [] }
        return state.waiting
      }
      var failure: PrivateFile.Unsafe?
      for work in waiting {
        do throws(PrivateFile.Unsafe) {
          switch work {
          case .keep(let draft, let file): try write(draft, to: file)
          case .drop(let file): remove(file)
          }
        } catch {
          failure = error
        }
      }
      return failure
    }
    if let failure { throw failure }
  }

  private func privateFile(_ file: ID) -> PrivateFile {
    PrivateFile(
      path: "\(path)/\(file)\(Self.suffix)", unwritten: "what you type is lost when this program ends")
  }

  private func write(_ draft: Draft, to file: ID) throws(PrivateFile.Unsafe) {
    let bytes: [UInt8]
    do { bytes = try JSON.bytes(of: Page(savedAt: .now, draft: draft)) } catch {
      throw PrivateFile.Unsafe(description: "The draft cannot be encoded: \(error)")
    }
    guard bytes.count <= Self.limit else {
      throw PrivateFile.Unsafe(
        description: "The text is too long for a draft: it is lost when this program ends.")
    }
    hold(try privateFile(file).writeLocked(bytes), of: file)
  }

  private func remove(_ file: ID) {
    privateFile(file).remove()
    hold(nil, of: file)
  }

  private func hold(_ lock: FileDescriptor?, of file: ID) {
    let old = state.withLock { state in
      defer { state.locks[file] = lock }
      return state.locks[file]
    }
    try? old?.close()
  }

  func read() -> Content {
    turn.withLock { _ in
      var content = Content()
      // Without the folder there are no drafts.
      let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
      for name in names where name.hasSuffix(Self.suffix) {
        guard let file = ID(String(name.dropLast(Self.suffix.count))), !isOpenElsewhere(file) else {
          continue
        }
        do {
          // Another window may have removed it meanwhile.
          guard let bytes = try privateFile(file).read(upTo: Self.limit) else { continue }
          let page = try JSON.decode(Page.self, from: Data(bytes))
          content.drafts.append(.init(file: file, savedAt: page.savedAt, draft: page.draft))
        } catch {
          content.unreadable += 1
        }
      }
      content.drafts.sort { $0.savedAt.milliseconds > $1.savedAt.milliseconds }
      content.drafts = Array(content.drafts.prefix(Self.most))
      return content
    }
  }

  /// `true` while another window holds the lock of a draft.
  private func isOpenElsewhere(_ file: ID) -> Bool {
    if state.withLock({ $0.locks[file] != nil }) { return false }
    let descriptor: FileDescriptor
    do {
      descriptor = try .open(
        FilePath(privateFile(file).path), .readOnly, options: [.noFollow, .closeOnExec, .nonBlocking])
    } catch {
      // Reading it reports the error.
      return false
    }
    defer { try? descriptor.close() }
    return !descriptor.tryLock()
  }
}
