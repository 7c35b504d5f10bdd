"""The demonstration's content: boards that hold tickets of every kind the archive rule knows."""

from dataclasses import dataclass

from apps.tickets.enums import Priority
from core.demo.services import HARBOUR, LIBRARY, DemoOrganisation


@dataclass(frozen=True)
class DemoTicket:
    title: str
    column: str
    hours: float
    """How long it has been in its column."""
    requester: str
    priority: Priority = Priority.NORMAL
    pinned: bool = False
    archived: bool = False
    body: str = ""


@dataclass(frozen=True)
class DemoBoard:
    organisation: DemoOrganisation
    name: str
    columns: tuple[str, ...]
    done: frozenset[str]
    tickets: tuple[DemoTicket, ...]
    archive_after_hours: int | None = None


STEPS = ("To do", "In progress", "Waiting", "Done")
DONE, SORTED, DECIDED = frozenset({"Done"}), frozenset({"Sorted"}), frozenset({"Decided"})

BOARDS = (
    DemoBoard(HARBOUR, "IT desk", STEPS, DONE, (
        DemoTicket("Card reader at till 3 rejects every card", "To do", 1.5, "Priya (shop floor)", Priority.URGENT,
                   body="Started after the power cut this morning. Cash only at till 3 for now."),
        DemoTicket("New starter on Monday needs a mail account", "To do", 20, "Human resources"),
        DemoTicket("Label printer prints half a label", "In progress", 50, "Warehouse", Priority.HIGH,
                   body="Fifty hours in progress, and still no archive candidate: only Done columns count."),
        DemoTicket("Spare laptop for the stocktaking", "Waiting", 80, "Tom (stock)", Priority.LOW,
                   body="Waits for the delivery of the docking station."),
        DemoTicket("Reset the password of the cold-store tablet", "Done", 96, "Cold store"),
        DemoTicket("Replace the switch in the back office", "Done", 49, "Office", Priority.HIGH),
        DemoTicket("Stock app shows yesterday's numbers", "Done", 30.5, "Tom (stock)",
                   body="The nightly import had stopped; it runs again since Tuesday."),
        DemoTicket("Projector in the meeting room has no sound", "Done", 26, "Events"),
        DemoTicket("Add the night shift to the rota calendar", "Done", 23.75, "Shift lead"),
        DemoTicket("Phone at reception echoes", "Done", 22.5, "Reception", Priority.LOW),
        DemoTicket("Mailbox of the auditor", "Done", 3, "Finance"),
        DemoTicket("How to reach us over the holidays", "Done", 200, "IT desk", pinned=True,
                   body="Pinned: it stays on the board for everybody to see."),
        DemoTicket("Till 1 froze at closing time", "Done", 240, "Priya (shop floor)", archived=True),
    )),
    DemoBoard(HARBOUR, "Shop floor", ("Open", "Sorted"), SORTED, (
        DemoTicket("Spill in aisle 4", "Sorted", 2.5, "Customer", Priority.URGENT),
        DemoTicket("Price tag missing on the plums", "Sorted", 1.75, "Customer"),
        DemoTicket("Trolley with a loose wheel", "Open", 5, "Customer", Priority.LOW),
    ), archive_after_hours=2),
    DemoBoard(LIBRARY, "Building", STEPS, DONE, (
        DemoTicket("Reading lamp on the second floor flickers", "To do", 12, "Visitor"),
        DemoTicket("Lift stops between the floors", "In progress", 6, "Porter", Priority.URGENT,
                   body="The maintenance company comes at noon. The lift is locked."),
        DemoTicket("Too cold in the children's corner", "Waiting", 40, "Anke (children's books)"),
        DemoTicket("Door of the book return jams", "Done", 71, "Porter", Priority.HIGH),
        DemoTicket("Clock in the hall is five minutes late", "Done", 25.5, "Visitor", Priority.LOW),
        DemoTicket("Bulb in the archive replaced", "Done", 23.25, "Porter"),
        DemoTicket("Fire drill: route for visitors", "Done", 500, "Management", pinned=True),
    )),
    DemoBoard(LIBRARY, "Long memory", ("Ideas", "Decided"), DECIDED, (
        DemoTicket("Open on Sundays in November", "Decided", 100, "Management",
                   body="Stays for a week: this board archives after 168 hours."),
        DemoTicket("Lend out tools as well", "Ideas", 300, "Visitor"),
    ), archive_after_hours=168),
)  # fmt: skip
