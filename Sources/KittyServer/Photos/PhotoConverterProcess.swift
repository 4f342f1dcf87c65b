import FoundationEssentials
import KittyShared
import Subprocess
import SystemPackage

/// Converts untrusted pictures and checks receipts in a child process, `kittycash-photo`. A crash of a decoder, or its hunger for memory,
/// ends only that process.
///
/// A conversion takes twelve seconds at most, since a person waits for it. A worker runs two at the same time; see
/// `JobQueue`.
struct PhotoConverterProcess: Sendable {
  /// Path of `kittycash-photo`.
  let program: String
  let timeLimit: Duration
  let outcomes = Outcomes()

  init(program: String, timeLimit: Duration = .seconds(12)) {
    self.program = program
    self.timeLimit = timeLimit
  }

  /// Returns the converter in the folder of the running program.
  /// - Throws: When the running program cannot be found.
  static func beside() throws -> PhotoConverterProcess {
    let running = FilePath(try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    return PhotoConverterProcess(program: running.removingLastComponent().appending("kittycash-photo").string)
  }

  /// Returns the reason why photos cannot be converted; `nil` when all is well.
  @Sendable func healthProblem() -> String? {
    FileManager.default.isExecutableFile(atPath: program)
      ? nil : "the photo converter \(program) is missing or not executable: install it beside the server"
  }

  /// The number of conversions by outcome.
  struct Outcomes: Sendable {
    let converted = Counter()
    /// The picture is not usable.
    let rejected = Counter()
    /// The decoder crashed, or took too much time or memory.
    let failed = Counter()
    /// The upload was refused because too many were waiting.
    let turnedAway = Counter()

    var all: [(name: String, number: Int)] {
      [
        ("converted", converted.value), ("rejected", rejected.value), ("failed", failed.value),
        ("turned_away", turnedAway.value),
      ]
    }
  }

  /// Thrown when the child process ends without a reply.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Writes the variants of a picture into `folder`.
  /// - Returns: The size of the large variant.
  /// - Throws: `PhotoRejection` when the picture is not usable; `Failure` when its decoder crashed or took too much
  ///   time or memory; `PhotoStorageFailure` when the disk is full.
  func convert(_ file: String, into folder: String) async throws -> (width: Int, height: Int) {
    let reply = try await reply([file, folder], folder)
    return (reply.width, reply.height)
  }

  /// Checks a receipt, and writes the preview of a picture into `folder`.
  /// - Returns: The type of the receipt.
  /// - Throws: As `convert` does.
  func checkReceipt(_ file: String, into folder: String) async throws -> Receipt.MediaType {
    guard let type = try await reply(["--receipt", file, folder], folder).type else {
      throw Failure(description: "the converter named no type")
    }
    return type
  }

  private func reply(_ arguments: [String], _ folder: String) async throws -> ConverterReply {
    let reply: ConverterReply
    do { reply = try await run(arguments, folder) } catch {
      outcomes.failed.add()
      guard let error = error as? SubprocessError, error.code == .outputLimitExceeded else { throw error }
      throw Failure(description: "the converter printed too much")
    }
    if let rejection = reply.rejection {
      outcomes.rejected.add()
      throw rejection
    }
    outcomes.converted.add()
    return reply
  }

  private func run(_ arguments: [String], _ folder: String) async throws -> ConverterReply {
    var options = PlatformOptions()
    options.teardownSequence = []
    let platform = options
    let limit = timeLimit
    return try await withThrowingTaskGroup(of: ConverterReply?.self) { group in
      group.addTask {
        let result = try await Subprocess.run(
          .path(FilePath(program)), arguments: Arguments(arguments), environment: .custom([:]),
          platformOptions: platform, input: .none, output: .string(limit: 4096), error: .string(limit: 65_536)
        )
        if case .exited(ConverterReply.noSpaceStatus) = result.terminationStatus {
          throw PhotoStorageFailure(description: "cannot write a photo to \(folder): the disk is full")
        }
        guard case .exited(0) = result.terminationStatus else {
          throw Failure(
            description: "the converter ended with \(result.terminationStatus): \(result.standardError)")
        }
        return try JSON.decode(ConverterReply.self, from: Data(result.standardOutput.utf8))
      }
      group.addTask {
        try await Task.sleep(for: limit)
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let reply = first else {
        throw Failure(description: "the converter was stopped after \(limit)")
      }
      return reply
    }
  }
}
