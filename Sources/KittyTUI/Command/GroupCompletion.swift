import ArgumentParser
import FoundationEssentials
import KittyShared

/// Completes the name of a group in a shell. The names come from the cache of the full screen: a key in a shell sends no
/// request.
enum GroupCompletion {
  static var kind: CompletionKind {
    .custom { _, _, prefix in names(ProcessInfo.processInfo.environment, beginningWith: prefix) }
  }

  /// Returns the names that begin with `prefix` in any case. They begin as `prefix` is written, since shells compare the
  /// case, and the commands do not.
  ///
  /// Other users choose these names, and bash expands a list of completions like a command line: a name with other
  /// characters than letters, digits, spaces, hyphens and underscores is left out.
  static func names(_ environment: [String: String], beginningWith prefix: String) -> [String] {
    guard let server = try? ServerChoice(option: nil, environment: environment).address,
      let user = try? TokenFile(server: server, environment: environment).read()?.name
    else { return [] }
    let groups = UserFiles(server: server, user: user, environment: environment).cache.groups?.groups ?? []
    return groups.map(\.name).filter { name in
      name.lowercased().hasPrefix(prefix.lowercased()) && name.count >= prefix.count
        && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
        // An option is no name.
        && !name.hasPrefix("-")
    }.map { prefix + $0.dropFirst(prefix.count) }
  }
}
