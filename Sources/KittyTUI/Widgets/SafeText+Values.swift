import KittyShared

extension SafeText {
  /// The amount with its currency.
  init(_ money: Money) { self = "\(Amount(money.amount, money.currency).text()) \(money.currency.code)" }

  /// The day as a person writes it, such as ` 2 Nov`; with the year when it is another one than that of today.
  init(_ day: Day, today: Day) {
    let (year, _, number) = day.parts
    let years = year == today.parts.year ? "" : " \(year)"
    self = "\(number < 10 ? " " : "")\(number) \(SafeText(monthOf: day))\(years)"
  }

  /// The short name of the month of a day.
  init(monthOf day: Day) { self.init(day.shortMonth) }

  /// The day of the week with the day.
  init(weekdayOf day: Day, today: Day) {
    self = "\(day.weekday.short) \(SafeText(day, today: today).string.drop { $0 == " " })"
  }
}
