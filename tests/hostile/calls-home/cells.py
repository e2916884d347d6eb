# %% start from untouched

# %% own after setup
def quietly(attempt, *args):
    try:
        return attempt(*args)
    except BaseException as error:
        return repr(error)[:200]

import os
import socket
import urllib.request

for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_PACKET, 38, 40, 16, 29):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        try:
            s = socket.socket(family, kind)
        except OSError as error:
            continue
        s.settimeout(0.2)
        for address in (("127.0.0.1", CANARY_PORT), ("0.0.0.0", CANARY_PORT), ("10.0.2.2", CANARY_PORT), ("::1", CANARY_PORT), ("::ffff:127.0.0.1", CANARY_PORT),
                        "CANARY_FOLDER/canary.sock", "\0mbrl-canary-CANARY_PORT", "/proc/self/root/CANARY_FOLDER/canary.sock", "/run/dbus/system_bus_socket", (0, 0)):
            if quietly(s.connect, address) is None:
                print("connected", family, kind, address, quietly(s.send, b"hello"))
            quietly(s.sendto, b"hello", address)
print(quietly(urllib.request.urlopen, "http://127.0.0.1:CANARY_PORT/"), quietly(socket.gethostbyname, "example.org"))
print(os.system("(echo hello > /dev/tcp/127.0.0.1/CANARY_PORT) 2>/dev/null; wget -q -O- http://127.0.0.1:CANARY_PORT"))
