import Foundation

/// The names of the IANA time zone database, as this machine has them.
enum TimeZoneNames {
  static func known() -> [String] { TimeZone.knownTimeZoneIdentifiers }
}
