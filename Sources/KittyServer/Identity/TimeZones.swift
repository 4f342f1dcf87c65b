import FoundationEssentials

/// The time zones that this machine knows.
enum TimeZones {
  private static let folder = "/usr/share/zoneinfo"

  /// Returns `true` when a zone with this well-formed name exists. A machine without the time zone database accepts every
  /// name.
  static func isKnown(_ name: String) -> Bool {
    guard FileManager.default.fileExists(atPath: folder + "/Etc/UTC") else { return true }
    var isFolder = false
    return FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder) && !isFolder
  }
}
