#!/usr/bin/env bash
# Writes a network of 150 systems with 3,000 users, and a day of it with 20 faults, into the folder named: solution.toml and day.toml.
# A double star: every expansion has a line to the primary and one to the secondary, which back up its users in turn.
set -euo pipefail
cd "$1"
systems=150
users=20

{
    printf '[solution]\nname = "%s systems"\nedition = "select"\nmedia_preservation = "enabled"\n' "$systems"
    printf '[[incoming_call_route]]\nincoming_number = ""\ndestination = "."\n'
    for n in $(seq 0 $((systems - 1))); do
        case $n in
        0) name=primary role=primary platform=r640 ;;
        1) name=secondary role=secondary platform=r640 ;;
        *) name=site-$n role=expansion platform=linux-expansion ;;
        esac
        printf '[[system]]\nname = "%s"\nrole = "%s"\nplatform = "%s"\n' "$name" "$role" "$platform"
        first=$((20000 + n * users))
        printf '[[users]]\nsystem = "%s"\nextensions = "%s-%s"\n' "$name" "$first" $((first + users - 1))
        if [ "$n" -lt 2 ]; then
            printf '[[line]]\nsystem = "%s"\nnumber = 1\nkind = "sip"\nchannels = 200\n' "$name"
        fi
        for centre in primary secondary; do
            if [ "$n" -gt 1 ]; then
                printf '[[ip_office_line]]\nbetween = ["%s", "%s"]\ndelay = "10ms"\n' "$centre" "$name"
            fi
        done
        if [ "$n" -gt 1 ]; then
            backup=$([ $((n % 2)) = 0 ] && echo primary || echo secondary)
            printf '[[resilience]]\nsystem = "%s"\nbackup = "%s"\n' "$name" "$backup"
        fi
    done
    printf '[[ip_office_line]]\nbetween = ["primary", "secondary"]\n'
    printf '[[resilience]]\nsystem = "primary"\nbackup = "secondary"\n'
    printf '[[resilience]]\nsystem = "secondary"\nbackup = "primary"\n'
} > solution.toml

{
    printf '[profile]\nname = "day"\ndescription = "A day of %s systems with 20 faults"\nsolution = "solution.toml"\n' "$systems"
    printf '[load]\nbhcc = 3000\nduration = "24h"\ndrain = "30m"\nring = "5s"\ntalk = { distribution = "exponential", mean = "3m" }\npatience = "60s"\n'
    all="20000-$((20000 + systems * users - 1))"
    for centre in primary secondary; do
        printf '[[load.stream]]\nname = "by-%s"\nkind = "incoming"\nsystem = "%s"\nto = "%s"\npick = "random"\nweight = 50\n' "$centre" "$centre" "$all"
    done
    for n in $(seq 2 $((systems - 1))); do
        printf '[[load.stream]]\nname = "from-%s"\nkind = "internal"\nsystem = "site-%s"\nto = "%s"\npick = "random"\n' "$n" "$n" "$all"
    done
    # One fault an hour: a centre, sites, their data links; the last is over an hour before the end.
    for hour in $(seq 1 20); do
        case $((hour % 5)) in
        0) what='system_down = { system = "primary", for = "30m" }' ;;
        1) what="system_down = { system = \"site-$((hour * 7))\", for = \"40m\" }" ;;
        2) what="site_cut = { site = \"site-$((hour * 7))\", for = \"20m\" }" ;;
        3) what="link_down = { between = [\"primary\", \"site-$((hour * 7))\"], for = \"15m\" }" ;;
        4) what='system_down = { system = "secondary", for = "10m" }' ;;
        esac
        printf '[[event]]\nat = "%sh"\n%s\n' "$hour" "$what"
    done
    printf '[targets]\nphones_away = "== 0"\n'
} > day.toml
