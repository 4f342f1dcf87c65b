import POSIX
import SystemPackage

/// Names that are no settings, and files with secrets that other users can read.
struct SettingSourcesCheck: Check {
  let part = "settings"
  let sources: SettingSources

  func findings() throws -> [Finding] {
    var found: [Finding] = []
    for name in sources.environment.keys.sorted() {
      if let suggestion = SettingSources.suggestion(for: name) {
        found.append(.warning("The variable \(name) is no setting. Write \(suggestion), if you mean that."))
      }
    }
    let names = try sources.namesInFile()
    for name in Set(names).subtracting(SettingSources.names).sorted() where !name.hasPrefix("AWS_") {
      let advice = SettingSources.suggestion(for: name).map { "Write \($0), if you mean that." }
      found.append(
        .warning("\(name) in \(sources.file ?? "") is no setting. \(advice ?? "Remove the line.")"))
    }
    for (setting, path) in sources.secretFiles {
      // A file that cannot be read is an invalid setting, which has its own finding.
      guard let mode = try? FilePath(path).permissions(), !mode.isDisjoint(with: .otherReadWriteExecute)
      else {
        continue
      }
      found.append(
        .warning(
          "All users of this machine can read \(path), which \(setting) names. Run: chmod o-rwx \(path)"))
    }
    return found.isEmpty ? [.ok("All names are settings.")] : found
  }
}
