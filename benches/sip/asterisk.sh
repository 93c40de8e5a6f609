# Asterisk as a back-to-back user agent between SIPp's caller and callee, for b2bua.sh; sourced by it after common.sh. Its own process, its
# modules for such a call and no others, no logs, no call records, 127.0.0.1 alone. Media is negotiated and none flows.
#
# Debian 12 has no package of it. With ASTERISK_ROOT=DIR it runs in that directory as in a machine of its own (chroot, as root); where there is
# none yet, Debian 11 with its Asterisk 16 is put there first (debootstrap, 400 MB). Without ASTERISK_ROOT it is the one of this machine, if any.

asterisk_root=${ASTERISK_ROOT:-}
asterisk_conf=

# Whether there is one, after it has been fetched if that was asked for.
asterisk_is_there() {
  if [ -z "$asterisk_root" ]; then command -v asterisk >/dev/null; return; fi
  if [ ! -x "$asterisk_root/usr/sbin/asterisk" ]; then
    debootstrap --variant=minbase --include=asterisk,ca-certificates bullseye "$asterisk_root" >&2
  fi
}

in_its_root() {
  if [ -n "$asterisk_root" ]; then chroot "$asterisk_root" "$@"; else "$@"; fi
}

asterisk_version() { in_its_root asterisk -V; }

# Serves SIP at $sip towards $callee; its id in $server.
asterisk_serves() {
  local folder=$work/asterisk inside
  asterisk_clean
  [ -z "$asterisk_root" ] || folder=$(mktemp -d "$asterisk_root/tmp/busyhour.XXXXXX")
  asterisk_conf=$folder
  inside=${folder#"$asterisk_root"}
  mkdir -p "$folder"
  asterisk_settings "$folder" "$inside"
  if [ -n "$asterisk_root" ]; then
    chroot "$asterisk_root" /usr/sbin/asterisk -f -C "$inside/asterisk.conf" >"$work/asterisk.log" 2>&1 &
  else
    asterisk -f -C "$inside/asterisk.conf" >"$work/asterisk.log" 2>&1 &
  fi
  server=$!
  started+=("$server")
  listens "$sip"
}

# What is left of it in its root.
asterisk_clean() { [ -z "$asterisk_conf" ] || rm -rf "$asterisk_conf"; }

asterisk_settings() {
  local folder=$1 inside=$2 module
  cat > "$folder/asterisk.conf" <<CONF
[directories]
astetcdir => $inside
astdbdir => $inside
astrundir => $inside
astlogdir => $inside
astspooldir => $inside
astkeydir => $inside
[options]
verbose = 0
debug = 0
CONF
  {
    echo "[modules]"
    echo "autoload = no"
    for module in res_timing_timerfd res_pjproject res_sorcery_config res_sorcery_memory res_sorcery_astdb res_pjsip res_pjsip_session \
      res_pjsip_pubsub res_pjsip_authenticator_digest res_pjsip_sdp_rtp res_pjsip_endpoint_identifier_ip res_rtp_asterisk chan_pjsip pbx_config app_dial bridge_simple; do
      echo "load = $module.so"
    done
  } > "$folder/modules.conf"
  cat > "$folder/pjsip.conf" <<CONF
[udp]
type = transport
protocol = udp
bind = 127.0.0.1:$sip
[tcp]
type = transport
protocol = tcp
bind = 127.0.0.1:$sip
[caller]
type = endpoint
transport = udp
context = in
disallow = all
allow = ulaw
direct_media = no
[caller]
type = identify
endpoint = caller
match = 127.0.0.1
[callee]
type = endpoint
transport = udp
context = in
disallow = all
allow = ulaw
direct_media = no
aors = callee
[callee]
type = aor
contact = sip:127.0.0.1:$callee
CONF
  printf '[in]\nexten => _X.,1,Dial(PJSIP/callee/sip:${EXTEN}@127.0.0.1:%s)\n' "$callee" > "$folder/extensions.conf"
  printf '[general]\nrtpstart = 32000\nrtpend = 60000\nicesupport = no\nstrictrtp = no\n' > "$folder/rtp.conf"
  printf '[general]\nenable = no\n' | tee "$folder/cdr.conf" > "$folder/cel.conf"
  printf '[general]\nenabled = no\n' | tee "$folder/manager.conf" > "$folder/http.conf"
  # Without any channel it would write everything to its standard output.
  printf '[logfiles]\nerrors => error\n' > "$folder/logger.conf"
}
