import FoundationEssentials
import KittyShared
import Subprocess
import SystemPackage

/// Has an untrusted picture checked and converted by a child process, for twelve seconds at most: whoever sent it waits. The worker does
/// two at once: see `JobQueue`.
struct PhotoConverterProcess: Sendable {
  /// The path of `kittycash-photo`.
  let program: String
  let timeLimit: Duration
  let outcomes = Outcomes()

  init(program: String, timeLimit: Duration = .seconds(12)) {
    self.program = program
    self.timeLimit = timeLimit
  }

  /// The converter beside the running program.
  /// - Throws: When the running program cannot be found.
  static func beside() throws -> PhotoConverterProcess {
    let running = FilePath(try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    return PhotoConverterProcess(program: running.removingLastComponent().appending("kittycash-photo").string)
  }

  /// What is wrong with the program, if anything.
  @Sendable func healthProblem() -> String? {
    FileManager.default.isExecutableFile(atPath: program)
      ? nil : "\(program), which converts photos, is missing or no program: install it beside the server"
  }

  /// How many conversions ended in which way.
  struct Outcomes: Sendable {
    /// The variants are there.
    let converted = Counter()
    /// It is no picture that is taken.
    let rejected = Counter()
    /// The decoder crashed, or took too much time or memory.
    let failed = Counter()
    /// Too many waited already.
    let turnedAway = Counter()

    var all: [(name: String, number: Int)] {
      [
        ("converted", converted.value), ("rejected", rejected.value), ("failed", failed.value),
        ("turned_away", turnedAway.value),
      ]
    }
  }

  /// The converter ended in a way that is no answer.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Writes the variants of the picture into `folder`.
  /// - Returns: The size of the large variant.
  /// - Throws: `PhotoRejection` when the picture is not taken, `Failure` when its decoder crashed or took
  ///   too much time or memory.
  func convert(_ file: String, into folder: String) async throws -> (width: Int, height: Int) {
    let outcome: ConverterReply
    do { outcome = try await run(file, folder) } catch {
      outcomes.failed.add()
      guard let error = error as? SubprocessError, error.code == .outputLimitExceeded else { throw error }
      throw Failure(description: "the converter said too much")
    }
    if let rejection = outcome.rejection {
      outcomes.rejected.add()
      throw rejection
    }
    outcomes.converted.add()
    return (outcome.width, outcome.height)
  }

  private func run(_ file: String, _ folder: String) async throws -> ConverterReply {
    var options = PlatformOptions()
    options.teardownSequence = []
    let platform = options
    let limit = timeLimit
    return try await withThrowingTaskGroup(of: ConverterReply?.self) { group in
      group.addTask {
        let result = try await Subprocess.run(
          .path(FilePath(program)), arguments: [file, folder], environment: .custom([:]),
          platformOptions: platform, input: .none, output: .string(limit: 4096), error: .string(limit: 65_536)
        )
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
      guard let first = try await group.next(), let outcome = first else {
        throw Failure(description: "the converter was stopped after \(limit)")
      }
      return outcome
    }
  }
}
