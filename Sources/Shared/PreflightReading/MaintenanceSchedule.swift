import JSON
import Preflight
import Text

/// The rules by which planned maintenance comes again
/// (`Microsoft.ContainerService/managedClusters/maintenanceConfigurations`).
enum MaintenanceSchedule {
    /// The window of a configuration that is open now, or else its next one.
    /// - Throws: when the rule is none that Azure documents, or when it has no window within two years.
    static func nextWindow(
        of configuration: JSONValue, now: Int64
    ) throws(Unreadable) -> PreflightFacts.MaintenanceWindow {
        let name = try configuration.text("name")
        let found: (starts: Int64, ends: Int64)?
        if let window = try configuration.member("properties.maintenanceWindow") {
            found = try planned(window, now)
        } else {
            found = try weekly(try configuration.items("properties.timeInWeek"), now)
        }
        guard let found else { throw Unreadable("the maintenance configuration \(name) names no time that comes") }
        return PreflightFacts.MaintenanceWindow(name: name, starts: found.starts, ends: found.ends)
    }

    private static func planned(_ window: JSONValue, _ now: Int64) throws(Unreadable) -> (Int64, Int64)? {
        guard let offset = Timestamp.offset(try window.text("utcOffset", absent: "+00:00")),
            let hours = try window.number("durationHours"), (1...24).contains(hours),
            let start = Timestamp.iso8601("1970-01-01T\(try window.text("startTime")):00"),
            let first = Timestamp.iso8601(try window.text("startDate", absent: "1970-01-01") + "T00:00:00")
        else { throw Unreadable("a maintenance window's times are not what Azure documents") }
        let rule = try Rule(window, firstDay: first / 86400)
        let today = (now + offset) / 86400
        // A schedule that begins in many years has no window before that day.
        if first / 86400 > today + 731 { return (first + start - offset, first + start - offset + hours * 3600) }
        for day in (today - 2)...(today + 731) where day >= first / 86400 && rule.holds(on: CalendarDay(day)) {
            let starts = day * 86400 + start - offset
            let ends = starts + hours * 3600
            if ends >= now { return (starts, ends) }
        }
        return nil
    }

    /// The older form: hours of the week in UTC.
    private static func weekly(_ times: [JSONValue], _ now: Int64) throws(Unreadable) -> (Int64, Int64)? {
        var windows: [(Int64, Int64)] = []
        for time in times {
            let weekday = try weekday(try time.text("day"))
            for slot in try time.items("hourSlots", absentIsEmpty: false) {
                guard let hour = slot.integer, (0...23).contains(hour) else {
                    throw Unreadable("a maintenance hour is not one of a day")
                }
                let today = now / 86400
                for day in (today - 1)...(today + 7) where CalendarDay(day).weekday == weekday {
                    let starts = day * 86400 + hour * 3600
                    if starts + 3600 >= now { windows.append((starts, starts + 3600)) }
                }
            }
        }
        return windows.min { $0.0 < $1.0 }
    }

    fileprivate static func weekday(_ name: String) throws(Unreadable) -> Int {
        let names = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
        guard let index = names.firstIndex(of: name.lowercased()) else {
            throw Unreadable("\(name) is not a day of the week")
        }
        return index
    }
}

private enum Rule {
    case daily(every: Int64, from: Int64)
    case weekly(every: Int64, weekday: Int, from: Int64)
    case monthly(every: Int64, day: Int, from: Int64)
    /// `week` from 1; nil for the last.
    case relative(every: Int64, week: Int?, weekday: Int, from: Int64)

    init(_ window: JSONValue, firstDay: Int64) throws(Unreadable) {
        if let daily = try window.member("schedule.daily") {
            self = .daily(every: try Self.interval(daily, "intervalDays"), from: firstDay)
        } else if let weekly = try window.member("schedule.weekly") {
            self = .weekly(
                every: try Self.interval(weekly, "intervalWeeks"),
                weekday: try MaintenanceSchedule.weekday(try weekly.text("dayOfWeek")), from: firstDay)
        } else if let monthly = try window.member("schedule.absoluteMonthly") {
            guard let day = try monthly.number("dayOfMonth"), (1...31).contains(day) else {
                throw Unreadable("a maintenance window's day of the month is not one")
            }
            self = .monthly(every: try Self.interval(monthly, "intervalMonths"), day: Int(day), from: firstDay)
        } else if let relative = try window.member("schedule.relativeMonthly") {
            let weeks = ["first", "second", "third", "fourth"]
            let week = try relative.text("weekIndex").lowercased()
            guard week == "last" || weeks.contains(week) else {
                throw Unreadable("a maintenance window's week of the month is not one")
            }
            self = .relative(
                every: try Self.interval(relative, "intervalMonths"), week: weeks.firstIndex(of: week).map { $0 + 1 },
                weekday: try MaintenanceSchedule.weekday(try relative.text("dayOfWeek")), from: firstDay)
        } else {
            throw Unreadable("a maintenance window has no schedule that is known")
        }
    }

    private static func interval(_ schedule: JSONValue, _ name: String) throws(Unreadable) -> Int64 {
        let interval = try schedule.number(name) ?? 1
        guard (1...400).contains(interval) else { throw Unreadable("\(name) is out of its bounds") }
        return interval
    }

    func holds(on day: CalendarDay) -> Bool {
        switch self {
        case .daily(let every, let from): (day.number - from) % every == 0
        case .weekly(let every, let weekday, let from):
            day.weekday == weekday && (day.week - CalendarDay(from).week) % every == 0
        case .monthly(let every, let wanted, let from):
            day.day == min(wanted, day.daysInMonth) && Self.monthFits(day, every, from)
        case .relative(let every, let week, let weekday, let from):
            day.weekday == weekday && Self.monthFits(day, every, from)
                && (week.map { (day.day - 1) / 7 + 1 == $0 } ?? (day.day + 7 > day.daysInMonth))
        }
    }

    private static func monthFits(_ day: CalendarDay, _ every: Int64, _ from: Int64) -> Bool {
        // Where no start is given, it is not known which months are meant: then each may be.
        from == 0 || (day.monthNumber - CalendarDay(from).monthNumber) % every == 0
    }
}

extension CalendarDay {
    /// Weeks that begin on Sunday.
    fileprivate var week: Int64 { (number + 4) / 7 }
    /// Months since the year 0.
    fileprivate var monthNumber: Int64 { year * 12 + Int64(month) - 1 }
}
