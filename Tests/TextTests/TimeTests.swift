import Foundation
import Testing

@testable import Text

@Test(arguments: [0, 951_782_400, 1_795_478_400, 4_107_542_399, -86_401, -1, 68_169_600])
func `times are written as the calendar has them`(_ seconds: Int64) {
    #expect(utcTime(seconds) == Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601))
}

@Test func `the calendar is the Gregorian one at all times, and years have four digits`() {
    #expect(utcTime(-62_135_596_800) == "0001-01-01T00:00:00Z")
    // What a hostile document may hold ends no program.
    #expect(utcTime(.max).hasSuffix("T15:30:07Z") && utcTime(.min).hasSuffix("Z"))
}

@Test func `a day's number and its date are the same day`() {
    // A period of the calendar on both sides of 1970, and more.
    for number in stride(from: Int64(-200_000), through: 200_000, by: 7) {
        let day = CalendarDay(number)
        #expect(CalendarDay(year: Int(day.year), month: day.month, day: day.day) == day)
    }
    #expect(CalendarDay(0).weekday == 4)
    #expect(CalendarDay(-5).weekday == 6)
}

@Test func `a date that the calendar has not is none`() {
    for (year, month, day) in [(2023, 2, 29), (1900, 2, 29), (2024, 4, 31), (2024, 0, 1), (2024, 13, 1), (2024, 1, 0)] {
        #expect(CalendarDay(year: year, month: month, day: day) == nil)
    }
    #expect(CalendarDay(year: 2000, month: 2, day: 29)?.daysInMonth == 29)
}

@Test(arguments: [
    (0, "0 s"), (-5, "0 s"), (59.9, "59 s"), (310, "5 min 10 s"), (3600, "1 h"), (172_799, "47 h 59 min"),
    (172_800, "2 days"), (30.5 * 86400, "30 days 12 h"), (.infinity, "a long time"),
    (.nan, "a long time"), (1e300, "a long time"), (60, "1 min"), (7500, "2 h 5 min"),
])
func `a length of time has two units at most`(_ seconds: Double, _ words: String) {
    #expect(duration(seconds) == words)
}
