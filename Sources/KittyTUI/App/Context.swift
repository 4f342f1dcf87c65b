import KittyShared

/// The values that screens share.
struct Context: Sendable {
  var now = ContinuousClock.now
  /// Returns the date now in a time zone; `nil` stands for that of this machine.
  var date: @Sendable (_ timeZone: String?) -> Day = { _ in Day(daysSince1970: 0) }
  /// The time zone of the account; `nil` without one, and while it is not known.
  var timeZone: String?
  /// The default currency of the account for new groups; `nil` without one.
  var currency: Currency?
  /// The default date of an entry. The program may stay open for days, so it is read from the clock each time.
  var today: Day { date(timeZone) }
  /// Returns the reading of the clock in a time zone at a moment, as if it were in UTC.
  var local: @Sendable (Instant, _ timeZone: String?) -> Instant = { moment, _ in moment }
  /// Returns the present moment.
  var clock: @Sendable () -> Instant = { Instant(milliseconds: 0) }
  /// Returns the names of all time zones, for the choice of one.
  var timeZones: @Sendable () -> [String] = { [] }
  /// Returns the part of the pause before a retry that is waited, at most 1: not all clients come back at the same moment.
  var patience: @Sendable () -> Double = { 1 }
  /// Returns the id for a new resource.
  var newID: @Sendable () -> ID
  var home = "/"
  /// The address that the user of a session over ssh connects to, where the program shows nothing of its machine; `nil` on
  /// the user's own machine.
  var kiosk: String?
  /// `false` where the program keeps away from the files of its machine, as for users with an account over ssh.
  var allowsFiles = true
  /// The folder of the picture that was sent last, with a slash at its end.
  var pictureFolder: String?
  var palette = PhotoCells.Palette.colours256
  var settings = ScreenSettings()
  /// `true` when the terminal draws pictures itself.
  var drawsPictures = false
  /// `true` while a paste comes in.
  var isPasting = false
  /// The columns of the window. Screens use `width`, which is smaller where the window has words beside them.
  var windowWidth = 80
  var width = 80
  var height = 24
  /// The running effects.
  var running: [Effect] = []
  /// The time when the first of them started.
  var workingSince = ContinuousClock.now

  /// `true` where the files of this machine are those of the user.
  var hasFiles: Bool { kiosk == nil && allowsFiles }

  /// `true` while a write is running: then no other write is sent.
  var isWriting: Bool { running.contains(where: \.isWrite) }
}

extension Context {
  /// The rows between the path and the status line.
  var rows: Range<Int> { 2..<max(2, height - 2) }

  /// Returns the day and time of a moment on the user's clock.
  func time(of moment: Instant) -> SafeText {
    let local = local(moment, timeZone)
    let day = SafeText(local.day, today: today).string.drop { $0 == " " }
    return "\(day) \(local.description.dropFirst(11).prefix(5))"
  }

  /// Returns the time of a moment on the user's clock, with the day unless it is today.
  func shortTime(of moment: Instant) -> SafeText {
    let local = local(moment, timeZone)
    return local.day == today ? SafeText(local.description.dropFirst(11).prefix(5)) : time(of: moment)
  }

  /// Returns a sentence about a name in quotes. The name is cut so that `predicate` fits beside it.
  func sentence(_ name: String, _ predicate: SafeText) -> SafeText {
    "\"\(SafeText(name).fitted(to: max(4, width - predicate.width - 3)))\" \(predicate)"
  }
}
