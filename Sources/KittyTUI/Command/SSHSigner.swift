import FoundationEssentials
import Glibc
import KittyShared
import SystemPackage

/// The keys of ssh of this user, which sign challenges by `ssh-keygen`: those of the running agent, and the usual files.
struct SSHSigner: Sendable {
  let tool: Tool
  let variables: [String: String]

  /// A key that can be tried.
  enum Key: Sendable, Equatable {
    /// The path of a private key, or of a public one whose private key the agent has.
    case file(String)
    /// The line of a public key that the agent has.
    case agent(String)
  }

  /// Maximum number of keys that are tried: each wrong one counts as a failed sign-in.
  static let limit = 6
  private static let names = ["id_ed25519", "id_ed25519_sk", "id_ecdsa", "id_ecdsa_sk", "id_rsa"]

  /// Returns the keys to try, in this order: those of the agent, and the usual files.
  func keys() async throws(CommandFailure) -> [Key] {
    var keys: [Key] = []
    if variables["SSH_AUTH_SOCK"] != nil, let listed = try await tool.run("ssh-add", ["-L"]), listed.isDone {
      keys += listed.output.split(whereSeparator: \.isNewline).map { .agent(String($0)) }
    }
    if let home = variables["HOME"] {
      let paths = Self.names.map { "\(home)/.ssh/\($0)" }
      keys += paths.filter { FileManager.default.fileExists(atPath: $0) }.map { .file($0) }
    }
    return Array(keys.prefix(Self.limit))
  }

  /// Signs a text.
  /// - Throws: `CommandFailure` when there is no `ssh-keygen`, or it did not sign, such as without the passphrase.
  func sign(_ message: String, with key: Key) async throws(CommandFailure) -> String {
    switch key {
    case .file(let path): return try await sign(message, path)
    case .agent(let line):
      // ssh-keygen takes the public key from a file, and the agent signs.
      let folder = CommandEnvironment.temporaryFolder(variables, or: "/tmp")
      let path = "\(folder)/kittycash-\(ID(at: .now)).pub"
      do { try Data((line + "\n").utf8).write(to: URL(filePath: path)) } catch {
        throw CommandFailure(.failed, "The file \(path) cannot be written: \(error.localizedDescription)")
      }
      // A public key that is left behind does no harm.
      defer { try? FileManager.default.removeItem(atPath: path) }
      return try await sign(message, path)
    }
  }

  private func sign(_ message: String, _ path: String) async throws(CommandFailure) -> String {
    let arguments = ["-q", "-Y", "sign", "-n", SignInChallenge.namespace, "-f", path]
    guard let signed = try await tool.run("ssh-keygen", arguments, input: message) else {
      throw CommandFailure(
        .failed, "There is no ssh-keygen here: install OpenSSH, or sign in with the password.")
    }
    guard signed.isDone else {
      throw CommandFailure(
        .failed, "\(path) did not sign: \(signed.why.isEmpty ? "no reason was given" : signed.why)")
    }
    return signed.output
  }
}
