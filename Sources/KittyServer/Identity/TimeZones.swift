import FoundationEssentials

/// The time zones that this machine knows.
enum TimeZones {
  private static let folder = "/usr/share/zoneinfo"

  /// Whether there is a zone of this name, which has the right shape. On a machine without the database every
  /// name is taken.
  static func isKnown(_ name: String) -> Bool {
    guard FileManager.default.fileExists(atPath: folder + "/Etc/UTC") else { return true }
    var isFolder = false
    return FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder) && !isFolder
  }
}
