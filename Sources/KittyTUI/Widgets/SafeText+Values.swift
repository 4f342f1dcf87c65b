import KittyShared

extension SafeText {
  /// The amount with its currency.
  init(_ money: Money) { self = "\(Amount(money.amount, money.currency).text()) \(money.currency.code)" }

  /// The day as a person writes it, such as ` 2 Nov`; with the year when it is another one than that of today.
  init(_ day: Day, today: Day) {
    let parts = day.description.split(separator: "-")
    let number = parts[2].first == "0" ? " \(parts[2].dropFirst())" : "\(parts[2])"
    let year = parts[0] == today.description.prefix(4) ? "" : " \(parts[0])"
    self = "\(number) \(SafeText(monthOf: day))\(year)"
  }

  /// The short name of the month of a day.
  init(monthOf day: Day) {
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let month = (Int(day.description.dropFirst(5).prefix(2)) ?? 1) - 1
    self.init(names[month % names.count])
  }

  /// The day of the week with the day.
  init(weekdayOf day: Day, today: Day) {
    // The first of January 1970 was a Thursday.
    let names = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let weekday = Int(((day.daysSince1970 % 7) + 7) % 7)
    self = "\(names[weekday]) \(SafeText(day, today: today).string.drop { $0 == " " })"
  }
}
