extension Category {
  /// A category to begin with, and the categories below it.
  package struct Standard: Sendable {
    /// The name on the upper level.
    package let name: String
    /// The names below it.
    package let children: [String]
  }

  /// The categories that a group can begin with: those that most households, journeys and clubs need. Each name occurs once.
  package static let standard = [
    Standard(name: "Food", children: ["Groceries", "Eating out", "Drinks"]),
    Standard(name: "Home", children: ["Rent", "Utilities", "Internet", "Household", "Repairs"]),
    Standard(name: "Transport", children: ["Fuel", "Trains and buses", "Taxi", "Parking and tolls"]),
    Standard(name: "Travel", children: ["Lodging", "Flights", "Sights"]),
    Standard(name: "Leisure", children: ["Events", "Sports", "Media"]),
    Standard(name: "Health", children: []),
    Standard(name: "Gifts", children: []),
    Standard(name: "Fees and insurance", children: []),
    Standard(name: "Other", children: []),
  ]
}
