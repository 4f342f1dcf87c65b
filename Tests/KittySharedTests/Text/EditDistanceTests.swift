import KittyShared
import Testing

/// Names that were mistyped.
struct EditDistanceTests {
  @Test(arguments: [
    ("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("Tpyo", "Typo", 2), ("e\u{301}", "e", 1),
  ]) func lettersAreCounted(one: String, other: String, distance: Int) {
    #expect(one.editDistance(to: other) == distance && other.editDistance(to: one) == distance)
  }

  @Test func nearNamesComeFirst() {
    let names = ["Flat", "Boat", "Flats", "Trip", "ab"]
    #expect("falt".near(names) == ["Flat"])
    #expect("flat".near(names) == ["Flat", "Flats", "Boat"])
    #expect("x".near(names).isEmpty && "xy".near(names).isEmpty && "ax".near(names) == ["ab"])
    #expect(String(repeating: "a", count: 1000).near(names).isEmpty)
  }
}
