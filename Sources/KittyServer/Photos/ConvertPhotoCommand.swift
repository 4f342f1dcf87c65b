import ArgumentParser
import FoundationEssentials
import Glibc
import KittyShared
import Vips

/// `kittycash-server convert-photo`: what the server runs in a process of its own for each upload, so that
/// a fault in a decoder of untrusted bytes never reaches the server. It prints one line of JSON.
struct ConvertPhotoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert-photo", abstract: "Check a picture and write its variants.", shouldDisplay: false)

  @Argument var input: String
  @Argument var outputFolder: String

  /// What it prints: a size, or why the picture is not taken.
  struct Outcome: Codable, Equatable {
    var width = 0
    var height = 0
    var rejection: PhotoRejection?
  }

  func run() throws {
    Self.limitResources()
    try Vips.start()
    let outcome: Outcome
    do {
      outcome = try convert()
    } catch let rejection as PhotoRejection {
      outcome = Outcome(rejection: rejection)
    }
    print(try JSON.text(of: outcome))
  }

  private func convert() throws -> Outcome {
    let header: Vips.Header
    do { header = try Vips.probe(input) } catch { throw PhotoRejection.notAPicture }
    try PhotoRejection.check(width: header.width, height: header.height)
    do {
      let size = try Vips.copy(input, to: path(.large), side: 2048, as: .jpeg(quality: 85))
      // The smaller ones are made from the large one: the untrusted bytes are decoded once.
      _ = try Vips.copy(path(.large), to: path(.small), side: 320, as: .jpeg(quality: 85))
      _ = try Vips.copy(path(.large), to: path(.preview), side: 256, as: .ppm)
      return Outcome(width: size.width, height: size.height)
    } catch {
      FileHandle.writeError("\(error)\n")
      throw PhotoRejection.damaged
    }
  }

  private func path(_ variant: PhotoVariant) -> String { "\(outputFolder)/\(variant.fileName)" }

  /// A gigabyte of memory, twenty seconds of a core, a few files, no core dump.
  private static func limitResources() {
    let limits: [(__rlimit_resource, UInt)] = [
      (RLIMIT_AS, 1 << 30), (RLIMIT_CPU, 20), (RLIMIT_NOFILE, 64), (RLIMIT_CORE, 0),
    ]
    for (resource, value) in limits {
      var limit = rlimit(rlim_cur: value, rlim_max: value)
      // Where a limit is lower already, raising it is refused, and the lower one holds.
      unsafe setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
    }
  }
}

extension PhotoVariant {
  /// The end of the variant's file names.
  var fileName: String {
    switch self {
    case .large: "large.jpg"
    case .small: "small.jpg"
    case .preview: "preview.ppm"
    }
  }
}

/// Standard error, for the converter's last words.
private enum FileHandle {
  static func writeError(_ text: String) {
    let bytes = Array(text.utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
