#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
#
# An SMSC on Net::SMPP, a codec that nobody here wrote. One process, one select loop.
#
#   smsc.pl SMPP_PORT CONTROL_PORT [password=secret] [receipt-delay-ms=50] [max-conns=16]
#
# Both ports are on 127.0.0.1; port 0 takes a free one. The first line says
# "ready smpp=PORT control=PORT", each further line is a JSON object about one event:
#
#   {"ev":"pdu","dir":"rx","conn":1,"cmd":"submit_sm","seq":3,"from":..,"to":..,"dcs":..,"hex":..,"tlv":{"0204":"0001"}}
#   {"ev":"open"} {"ev":"close"} {"ev":"warn","text":..}
#
# A submit_sm that asks for it gets a delivery receipt; the last digits of the destination choose
# its stat: 0005 UNDELIV, 0003 EXPIRED, 0008 REJECTD, 0096 no receipt, else DELIVRD.
#
# The control port takes one JSON object a line and answers each with one:
#   {"cmd":"mo","source_addr":..,"destination_addr":..,"esm_class":0,"data_coding":0,"hex":"..",
#    "message_payload_hex":..,"sar":[ref,total,part],...}    -> {"status":N} when deliver_sm_resp came
#   {"cmd":"ids","next":[..]} -> {"ok":true}  message ids of the next submit_sm_resp
#   {"cmd":"sync","n":N} -> {}              say {"ev":"sync","n":N} behind all that was logged before
#   {"cmd":"drop"}      -> {"closed":N}      close all binds
#   {"cmd":"binds"}     -> {"rx":N,"tx":N}
#   {"cmd":"enquire"}   -> {"status":N,"seq_ok":true}
#   {"cmd":"unbind"}    -> {"status":N}

use strict;
use warnings;
use Net::SMPP;
use IO::Select;
use IO::Socket::INET;
use JSON::PP;
use List::Util qw(max min);
use POSIX qw(strftime);
use Socket qw(IPPROTO_TCP TCP_NODELAY MSG_PEEK);
use Time::HiRes qw(time);

my ($smpp_port, $control_port, @opts) = @ARGV;
my %opt = ('password' => 'secret', 'receipt-delay-ms' => 50, 'max-conns' => 16);
for (@opts) { /^([a-z-]+)=(.*)$/ && exists $opt{$1} or die "unknown option $_\n"; $opt{$1} = $2; }

my $json = JSON::PP->new->canonical;
my %conn;        # fd -> { sock, n, role, mo => {seq -> what waits}, half => since }
my %control;     # fd -> { sock, buf }
my @timers;      # [time, code], sorted
my $n_conn = 0;
my $n_message = 0;
my @next_ids;
my $epoch = time;

$| = 1;
$SIG{PIPE} = 'IGNORE';
$SIG{__WARN__} = sub { say_line({ ev => 'warn', text => $_[0] =~ s/\s+$//r }) };

my $listen = Net::SMPP->new_listen('127.0.0.1', port => $smpp_port, smpp_version => 0x34, listen => 16) or die "listen $smpp_port: $!\n";
my $listen_control = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $control_port, Listen => 16, ReuseAddr => 1)
	or die "listen $control_port: $!\n";
printf "ready smpp=%d control=%d\n", $listen->sockport, $listen_control->sockport;

my $select = IO::Select->new($listen, $listen_control);
main_loop();

# ---- log and timers ----

sub say_line {
	my ($event) = @_;
	$event->{t} = 0 + sprintf('%.4f', time);
	syswrite STDOUT, $json->encode($event) . "\n";
}

sub later {
	my ($delay_s, $code) = @_;
	@timers = sort { $a->[0] <=> $b->[0] } @timers, [time + $delay_s, $code];
}

sub log_pdu {
	my ($dir, $c, $cmd, $seq, %more) = @_;
	say_line({ ev => 'pdu', dir => $dir, conn => $c->{n}, cmd => $cmd, seq => $seq, status => 0, %more });
}

sub tlvs_of {
	my ($pdu) = @_;
	return { map { sprintf('%04x', $_) => unpack('H*', $pdu->{$_}) } grep { /^\d+$/ } keys %$pdu };
}

sub log_message {
	my ($dir, $c, $pdu) = @_;
	log_pdu($dir, $c, $pdu->explain_cmd, $pdu->seq,
		from => $pdu->{source_addr}, from_ton => $pdu->{source_addr_ton}, from_npi => $pdu->{source_addr_npi},
		to => $pdu->{destination_addr}, to_ton => $pdu->{dest_addr_ton}, to_npi => $pdu->{dest_addr_npi},
		service_type => $pdu->{service_type}, esm => $pdu->{esm_class}, pid => $pdu->{protocol_id}, dcs => $pdu->{data_coding},
		rd => $pdu->{registered_delivery}, vp => $pdu->{validity_period}, schedule => $pdu->{schedule_delivery_time},
		hex => unpack('H*', $pdu->{short_message} // ''), tlv => tlvs_of($pdu));
}

# ---- towards the ESME ----

sub receivers { return sort { $a->{n} <=> $b->{n} } grep { ($_->{role} // '') =~ /r/ } values %conn; }

# Sends a deliver_sm; done is called with its command_status, or -1 when the connection is lost first
sub deliver {
	my ($fields, $done) = @_;
	my ($c) = receivers() or return 0;
	my $seq = $c->{sock}->deliver_sm(async => 1, %$fields);

	$c->{mo}{$seq} = $done;
	log_pdu('tx', $c, 'deliver_sm', $seq, from => $fields->{source_addr}, to => $fields->{destination_addr},
		esm => $fields->{esm_class}, dcs => $fields->{data_coding}, hex => unpack('H*', $fields->{short_message} // ''));
	return 1;
}

sub receipt {
	my ($submit, $id) = @_;
	my %stat = ('0005' => ['UNDELIV', 5], '0003' => ['EXPIRED', 3], '0008' => ['REJECTD', 8], '0096' => undef);
	my $rule = substr $submit->{destination_addr}, -4;
	my $stat = exists $stat{$rule} ? $stat{$rule} : ['DELIVRD', 2];
	my $want = $submit->{registered_delivery} & 3;
	my $date = strftime '%y%m%d%H%M', localtime;

	return if !$stat || !$want || ($want == 2 && $stat->[1] == 2);
	my %fields = (esm_class => 4, data_coding => 0, registered_delivery => 0,
		source_addr => $submit->{destination_addr}, source_addr_ton => $submit->{dest_addr_ton}, source_addr_npi => $submit->{dest_addr_npi},
		destination_addr => $submit->{source_addr}, dest_addr_ton => $submit->{source_addr_ton}, dest_addr_npi => $submit->{source_addr_npi},
		short_message => sprintf('id:%s sub:001 dlvrd:%03d submit date:%s done date:%s stat:%s err:000 text:', $id, $stat->[1] == 2, $date, $date, $stat->[0]),
		receipted_message_id => "$id\0", message_state => chr $stat->[1]);
	my $try;
	$try = sub { deliver(\%fields, sub { my ($status) = @_; later(0.5, $try) if grep { $_ == $status } -1, 0x14, 0x58, 0x64 }) or later(0.2, $try) };
	later($opt{'receipt-delay-ms'} / 1000, $try);
}

sub rx_submit_sm {
	my ($c, $pdu) = @_;
	my $id = shift @next_ids // sprintf '%08x%05x', $epoch, ++$n_message;

	log_message('rx', $c, $pdu);
	log_pdu('tx', $c, 'submit_sm_resp', $pdu->seq, message_id => $id);
	$c->{sock}->submit_sm_resp(seq => $pdu->seq, message_id => $id);
	receipt($pdu, $id);
}

sub rx_bind {
	my ($c, $pdu, $resp, $role) = @_;
	my $status = $pdu->{password} eq $opt{password} ? 0 : 0x0e;

	log_pdu('rx', $c, $pdu->explain_cmd, $pdu->seq, system_id => $pdu->{system_id}, interface_version => unpack('H*', $pdu->{interface_version} // ''));
	log_pdu('tx', $c, $resp, $pdu->seq, status => $status);
	$c->{sock}->$resp(seq => $pdu->seq, status => $status, system_id => 'perlsmsc', sc_interface_version => "\x34");
	$c->{role} = $role if !$status;
}

sub rx_pdu {
	my ($c, $pdu) = @_;
	my $sock = $c->{sock};
	my $cmd = $pdu->cmd;

	return rx_bind($c, $pdu, 'bind_receiver_resp', 'r') if $cmd == 0x1;
	return rx_bind($c, $pdu, 'bind_transmitter_resp', 't') if $cmd == 0x2;
	return rx_bind($c, $pdu, 'bind_transceiver_resp', 'rt') if $cmd == 0x9;
	return rx_submit_sm($c, $pdu) if $cmd == 0x4;
	log_pdu('rx', $c, $pdu->explain_cmd, $pdu->seq, status => $pdu->status);
	if ($cmd & 0x80000000) {
		my $done = delete $c->{mo}{$pdu->seq};
		$done->($pdu->status) if $done;
	} elsif ($cmd == 0x15) {
		$sock->enquire_link_resp(seq => $pdu->seq);
	} elsif ($cmd == 0x6) {
		$sock->unbind_resp(seq => $pdu->seq);
		conn_close($c);
	} else {
		$sock->generic_nack(seq => $pdu->seq, status => 0x3);
	}
}

# ---- connections ----

sub conn_open {
	my $sock = $listen->accept or return;

	return close $sock if keys %conn >= $opt{'max-conns'};
	setsockopt $sock, IPPROTO_TCP, TCP_NODELAY, 1;
	$conn{fileno $sock} = { sock => $sock, n => ++$n_conn, mo => {} };
	$select->add($sock);
	say_line({ ev => 'open', conn => $n_conn });
}

sub conn_close {
	my ($c) = @_;
	my $sock = $c->{sock};

	return if $c->{closed}++;
	say_line({ ev => 'close', conn => $c->{n} });
	$select->remove($sock);
	delete $conn{fileno $sock};
	close $sock;
	$_->(-1) for values %{$c->{mo}};
}

# read_pdu() blocks until the PDU is whole, so look first. Half PDUs wait for their rest up to 10 s.
sub conn_read {
	my ($c) = @_;
	my $peek = '';

	return conn_close($c) if !defined recv($c->{sock}, $peek, 65536 + 4096, MSG_PEEK) || $peek eq '';
	my $need = length $peek < 4 ? 16 : max(16, unpack 'N', $peek);
	if ($need <= 70000 && length $peek < $need) {
		$c->{half} //= time;
		return time - $c->{half} > 10 ? conn_close($c) : 0;
	}
	delete $c->{half};
	$! = 0;
	my $pdu = $need <= 70000 ? $c->{sock}->read_pdu : undef;
	return $pdu ? rx_pdu($c, $pdu) : conn_close($c);
}

# ---- control port ----

sub control_answer {
	my ($k, $answer) = @_;
	syswrite $k->{sock}, $json->encode($answer) . "\n" if !$k->{closed};
}

sub control_mo {
	my ($k, $o) = @_;
	my %fields = (esm_class => 0, data_coding => 0, source_addr_ton => 1, source_addr_npi => 1, dest_addr_ton => 1, dest_addr_npi => 1);

	for (qw(source_addr destination_addr service_type esm_class data_coding protocol_id source_addr_ton source_addr_npi dest_addr_ton
		dest_addr_npi schedule_delivery_time validity_period registered_delivery priority_flag)) {
		$fields{$_} = $o->{$_} if defined $o->{$_};
	}
	$fields{short_message} = pack 'H*', $o->{hex} // '';
	$fields{message_payload} = pack 'H*', $o->{message_payload_hex} if defined $o->{message_payload_hex};
	if (my $sar = $o->{sar}) {
		@fields{qw(sar_msg_ref_num sar_total_segments sar_segment_seqnum)} = (pack('n', $sar->[0]), pack('C', $sar->[1]), pack('C', $sar->[2]));
	}
	deliver(\%fields, sub { control_answer($k, $_[0] == -1 ? { error => 'connection lost' } : { status => $_[0] }) })
		or control_answer($k, { error => 'no receiver is bound' });
}

sub control_request {
	my ($k, $action, $send) = @_;
	my ($c) = receivers() or return control_answer($k, { error => 'nobody is bound' });
	my $seq = $send->($c->{sock});

	log_pdu('tx', $c, $action, $seq);
	$c->{mo}{$seq} = sub { control_answer($k, $_[0] == -1 ? { error => 'connection lost' } : { status => $_[0] }) };
}

sub control_line {
	my ($k, $line) = @_;
	my $o = eval { $json->decode($line) } or return control_answer($k, { error => "not JSON: $@" });
	my $cmd = $o->{cmd} // '';

	return control_mo($k, $o) if $cmd eq 'mo';
	return control_request($k, 'enquire_link', sub { $_[0]->enquire_link(async => 1) }) if $cmd eq 'enquire';
	return control_request($k, 'unbind', sub { $_[0]->unbind(async => 1) }) if $cmd eq 'unbind';
	if ($cmd eq 'drop') {
		my @all = values %conn;
		conn_close($_) for @all;
		return control_answer($k, { closed => scalar @all });
	}
	if ($cmd eq 'binds') {
		return control_answer($k, { map { my $r = $_; ("${r}x" => scalar grep { ($_->{role} // '') =~ /$r/ } values %conn) } qw(r t) });
	}
	if ($cmd eq 'ids') {
		@next_ids = @{$o->{next}};
		return control_answer($k, { ok => JSON::PP::true });
	}
	if ($cmd eq 'sync') {
		say_line({ ev => 'sync', n => $o->{n} });
		return control_answer($k, {});
	}
	return control_answer($k, { error => "unknown cmd '$cmd'" });
}

sub control_read {
	my ($k) = @_;
	my $got = sysread $k->{sock}, $k->{buf}, 65536, length $k->{buf};

	if (!$got) {
		$select->remove($k->{sock});
		delete $control{fileno $k->{sock}};
		$k->{closed} = 1;
		return close $k->{sock};
	}
	control_line($k, $1) while $k->{buf} =~ s/^(.*)\n//;
}

sub control_open {
	my $sock = $listen_control->accept or return;

	$control{fileno $sock} = { sock => $sock, buf => '' };
	$select->add($sock);
}

sub ready {
	my ($sock) = @_;
	return conn_open() if $sock == $listen;
	return control_open() if $sock == $listen_control;
	my $fd = fileno $sock;
	return if !defined $fd;
	return control_read($control{$fd}) if $control{$fd};
	return conn_read($conn{$fd}) if $conn{$fd};
}

sub main_loop {
	while (1) {
		my $wait = @timers ? max(0, min(1, $timers[0][0] - time)) : 1;

		ready($_) for $select->can_read($wait);
		(shift @timers)->[1]->() while @timers && $timers[0][0] <= time;
		select undef, undef, undef, 0.005 if grep { $_->{half} } values %conn;
	}
}
